package dev.millrace.faults;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.testing.Loopback;
import dev.millrace.testing.RawServer;
import dev.millrace.worker.Worker;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

/** Row 6: a fifth of the image URLs lead to hosts that drip their bytes. */
class SlowHostFT {
    private static final int GOOD = 1600;

    /** One in so many messages is for a host that drips. */
    private static final int EVERY = 5;

    private static final int BAD = GOOD / (EVERY - 1);
    private static final int HOSTS = 50;

    /** 80 images a second: at the default limits the drips then hold most permits, but not all. */
    private static final String DEVICE = "0,12.5";

    private static final int CONTROL_SECONDS = 30;

    /** Seconds for the good ones, and how long the drips lasted. */
    private record Run(double seconds, double shortest, double longest) {}

    @Test
    void slowHostsStarveNobody() throws Exception {
        Reliability row =
                Reliability.row(
                        6,
                        "20 % of URLs drip: good ones ≥ 80 % of the baseline, each bad one ends at 10 ± 0.5 s");
        Run baseline = run(row.seed(), 0, 10);
        Run run = run(row.seed(), BAD, 10);
        double share = baseline.seconds / run.seconds;
        assertTrue(share >= 0.8, share + " of the baseline");
        assertTrue(run.shortest >= 9.5 && run.longest <= 10.5, run.toString());
        Run control = run(row.seed(), BAD, CONTROL_SECONDS);
        double controlShare = baseline.seconds / control.seconds;
        assertTrue(controlShare < 0.8, controlShare + " of the baseline");
        assertTrue(control.longest > 10.5, control.toString());
        row.holds(
                "%.0f %% of %.0f images/s; %d drips ended after %.2f to %.2f s"
                        .formatted(
                                100 * share,
                                GOOD / baseline.seconds,
                                BAD,
                                run.shortest,
                                run.longest),
                "a download timeout of %d s: %.0f %%, drips ended after up to %.2f s"
                        .formatted(CONTROL_SECONDS, 100 * controlShare, control.longest));
    }

    private static Run run(long seed, int bad, int timeoutSeconds) throws Exception {
        List<Double> drips = new CopyOnWriteArrayList<>();
        List<RawServer> hosts = new ArrayList<>();
        try (FaultBench rig = new FaultBench(seed, 5);
                Worker _ =
                        rig.settings()
                                .simulate(DEVICE)
                                .fetch("timeout: " + timeoutSeconds + "s")
                                .fetch("maxReceives: 1")
                                // The drips would be ended sooner, and the row is about the
                                // deadline.
                                .fetch("minimumRate: 1")
                                .start()) {
            for (int i = 0; i < HOSTS; i++) {
                hosts.add(drip("127.0.1." + (i + 1), drips));
            }
            rig.send("warm-up", 20);
            rig.ledger.await(20, 30);
            long startNs = System.nanoTime();
            rig.ledger.send(
                    rig.queue,
                    "m",
                    GOOD + bad,
                    i ->
                            bad > 0 && i % EVERY == EVERY - 1
                                    ? url(hosts.get(i / EVERY % HOSTS), i / EVERY % HOSTS)
                                    : rig.photo());
            Loopback.awaitUntil(
                    () -> good(rig) >= GOOD,
                    120,
                    () -> good(rig) + " of " + GOOD + " have verdicts");
            double seconds = (System.nanoTime() - startNs) / 1e9;
            rig.ledger.awaitAll(rig.queue, 60);
            // A host notices with its next byte.
            Loopback.awaitUntil(() -> drips.size() == bad, 5, () -> drips.size() + " ended");
            return new Run(
                    seconds,
                    drips.stream().mapToDouble(d -> d).min().orElse(0),
                    drips.stream().mapToDouble(d -> d).max().orElse(0));
        } finally {
            for (RawServer host : hosts) {
                host.close();
            }
        }
    }

    private static String url(RawServer host, int number) {
        return "http://127.0.1." + (number + 1) + ":" + host.port() + "/a.jpg";
    }

    /** Good messages that have a verdict. */
    private static long good(FaultBench rig) {
        return rig.ledger.callbacks().entrySet().stream()
                .filter(
                        entry ->
                                entry.getKey().startsWith("m")
                                        && entry.getValue().getFirst().error().isEmpty())
                .count();
    }

    /** A host that sends a byte now and then, and notes when its client gave up. */
    private static RawServer drip(String address, List<Double> drips) throws IOException {
        return new RawServer(
                address,
                0,
                (head, out) -> {
                    long startNs = System.nanoTime();
                    try {
                        drip(out);
                    } finally {
                        drips.add((System.nanoTime() - startNs) / 1e9);
                    }
                });
    }

    private static void drip(OutputStream out) throws IOException, InterruptedException {
        out.write(
                "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n"
                        .getBytes(StandardCharsets.ISO_8859_1));
        while (true) {
            out.write(0xFF);
            out.flush();
            Thread.sleep(20);
        }
    }
}
