package dev.millrace.faults;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.job.Failure;
import dev.millrace.testing.RawServer;
import dev.millrace.worker.Worker;
import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Row 26: half of the images are on a host that answers in 5 s, half on one that takes 50 ms. */
class TwoSpeedsFT {
    private static final int RATE = Reliability.sized(100, 20);

    /** Messages for a host that are sent at once. */
    private static final int EACH = 10;

    private static final int SECONDS = 30;
    private static final int MESSAGES = 10 * RATE;

    /** In which the slow host's first answers are on their way. */
    private static final int WARM_UP = 8;

    /** Images a second of each host, and the most downloads at the slow one at a time. */
    private record Run(double quick, double slow, int mostAtTheSlow, long givenBack) {}

    @Test
    void aSlowHostGetsWhatItNeedsBesideAQuickOne() throws Exception {
        Reliability row =
                Reliability.row(
                        26,
                        "100/s from a host of 5 s beside 100/s from one of 50 ms: of the quick one ≥ 90/s, none given back");
        Run run = run(row.seed(), "maxReceives: 5");
        assertTrue(run.quick >= 0.9 * RATE && run.slow >= 0.9 * RATE, run.toString());
        assertEquals(0, run.givenBack, run.toString());
        assertTrue(run.mostAtTheSlow >= 4 * RATE, run.toString());
        Run control = run(row.seed(), "perHost: 8");
        assertTrue(control.quick < 0.9 * RATE || control.givenBack > 0, control.toString());
        row.holds(line(run), "8 downloads from one host at a time: " + line(control));
    }

    private static String line(Run run) {
        return "%.0f and %.0f images/s, %d downloads of the slow host at a time, %d given back"
                .formatted(run.quick, run.slow, run.mostAtTheSlow, run.givenBack);
    }

    private static Run run(long seed, String perHost) throws Exception {
        AtomicInteger atTheSlow = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        byte[] photo = photo();
        try (FaultBench rig = new FaultBench(seed, 5);
                RawServer slow =
                        new RawServer(
                                "127.0.3.1",
                                0,
                                (_, out) -> {
                                    most.accumulateAndGet(atTheSlow.incrementAndGet(), Math::max);
                                    Thread.sleep(5000);
                                    atTheSlow.decrementAndGet();
                                    out.write(RawServer.ok(photo));
                                });
                RawServer quick =
                        new RawServer(
                                "127.0.3.2",
                                0,
                                (_, out) -> {
                                    Thread.sleep(50);
                                    out.write(RawServer.ok(photo));
                                });
                Worker worker =
                        rig.settings()
                                .messages(MESSAGES)
                                .fetch("readTimeout: 8s")
                                .fetch(perHost)
                                .start()) {
            rig.send("warm-up", 20);
            rig.ledger.await(20, 30);
            FutureTask<Void> sender = new FutureTask<>(() -> send(rig, slow, quick), null);
            Thread.ofVirtual().start(sender);
            Thread.sleep(WARM_UP * 1000L);
            long quickBefore = rig.ledger.answered("quick");
            long slowBefore = rig.ledger.answered("slow");
            long fromNs = System.nanoTime();
            sender.get();
            double seconds = (System.nanoTime() - fromNs) / 1e9;
            return new Run(
                    (rig.ledger.answered("quick") - quickBefore) / seconds,
                    (rig.ledger.answered("slow") - slowBefore) / seconds,
                    most.get(),
                    Stream.of(Failure.Kind.values())
                            .mapToLong(worker.counters()::triedAgain)
                            .sum());
        }
    }

    /** As many a second to each host, for as long as the row takes. */
    private static void send(FaultBench rig, RawServer slow, RawServer quick) {
        String slowUrl = "http://127.0.3.1:" + slow.port() + "/a.jpg";
        String quickUrl = "http://127.0.3.2:" + quick.port() + "/a.jpg";
        long startNs = System.nanoTime();
        for (int turn = 0; turn < SECONDS * RATE / EACH; turn++) {
            LockSupport.parkNanos(
                    startNs + turn * EACH * 1_000_000_000L / RATE - System.nanoTime());
            rig.ledger.send(rig.queue, "slow" + turn + "-", EACH, _ -> slowUrl);
            rig.ledger.send(rig.queue, "quick" + turn + "-", EACH, _ -> quickUrl);
        }
    }

    private static byte[] photo() throws IOException {
        try (InputStream in =
                TwoSpeedsFT.class.getResourceAsStream(
                        "/dev/millrace/verify/photos/mpu-300x250-city-night.jpg")) {
            return in.readAllBytes();
        }
    }
}
