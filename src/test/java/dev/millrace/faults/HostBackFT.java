package dev.millrace.faults;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.faults.Undefended.Change;
import dev.millrace.testing.Loopback;
import dev.millrace.testing.ModuleClasses;
import dev.millrace.testing.RawServer;
import dev.millrace.testing.SlowClassifier;
import dev.millrace.testing.WorkerProcess;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Row 27: an image host refuses connections until each message was received three times, and comes
 * back. From then on its messages are received for the fourth time, and none of them crashes.
 */
class HostBackFT {
    private static final int MESSAGES = 1200;
    private static final int OUTAGE_RECEIVES = 3;
    private static final int MAX_RECEIVES = 5;
    private static final double LEAST = 0.8;

    /** Each with {@link SlowClassifier}, so that the worker does forty images a second. */
    private static final int THREADS = 4;

    private static final int BASELINE = 400;
    private static final int WARM_UP = 200;

    /** In which the worker has to be back at work. */
    private static final int BACK_SECONDS = 10;

    private static final int MEASURED_SECONDS = 8;

    /** A message that is given back is hidden for so long, and not for 30 s, 60 s and 120 s. */
    private static final int HIDDEN_SECONDS = 13;

    /** Of a message in hand; no pause of the worker is as long. */
    private static final int VISIBILITY_SECONDS = 50;

    /** As it was: one lane, and who was received often waits for it. */
    private static final Change ONE_LANE =
            new Change(
                    "worker/CrashGuard.java",
                    "Math.clamp(config.preprocess().threads() / 2, 2, 8),\n                config.state().directory().isPresent());",
                    "1,\n                false);");

    @TempDir private Path folder;

    /** Images a second. */
    private record Run(double before, double after) {
        double share() {
            return after / before;
        }

        String line() {
            return "%.0f images/s before, %.0f from %d s after the messages were visible (%.0f %%)"
                    .formatted(before, after, BACK_SECONDS, 100 * share());
        }
    }

    @Test
    void messagesThatCameOftenDoNotWaitForTrials() throws Exception {
        Reliability row =
                Reliability.row(
                        27,
                        "an image host is down for three receives of %,d messages: %d s after they are visible again ≥ 80 %% of the images/s before, 0 lost, 0 dead letters"
                                .formatted(MESSAGES, BACK_SECONDS));
        try (FaultBench rig = new FaultBench(row.seed(), MAX_RECEIVES)) {
            Run run = run(rig, true);
            assertTrue(run.share() >= LEAST, run.line());
            assertEquals(0, rig.ledger.lost(rig.queue), rig.line());
            assertEquals(0, rig.queue.deadLetters(), rig.line());
            assertEquals(0, failed(rig), rig.line());
            row.holds(run.line() + ", " + rig.line(), control(row.seed()));
        }
    }

    private String control(long seed) throws Exception {
        try (FaultBench rig = new FaultBench(seed, MAX_RECEIVES)) {
            Run run = run(rig, false, ONE_LANE);
            assertTrue(run.share() < LEAST, run.line());
            return "all of them wait for one lane: " + run.line();
        }
    }

    private static long failed(FaultBench rig) {
        return rig.ledger.callbacks().values().stream()
                .filter(all -> all.stream().anyMatch(one -> !one.error().isEmpty()))
                .count();
    }

    /**
     * @param whole whether all messages are to be answered at the end
     */
    private Run run(FaultBench rig, boolean whole, Change... off) throws Exception {
        try (Host host = new Host(photo());
                WorkerProcess worker = start(rig, off)) {
            worker.awaitReady();
            rig.ledger.send(rig.queue, "before", BASELINE, _ -> host.url());
            double before = rate(rig);
            host.goDown();
            Set<String> receivedOften = ConcurrentHashMap.newKeySet();
            rig.faulty.mangler = message -> note(message, receivedOften);
            rig.faulty.hiddenSeconds =
                    asked -> asked > 0 && asked != VISIBILITY_SECONDS ? HIDDEN_SECONDS : asked;
            rig.ledger.send(rig.queue, "m", MESSAGES, _ -> host.url());
            Loopback.awaitUntil(
                    () -> receivedOften.size() == MESSAGES,
                    180,
                    () -> receivedOften.size() + " were received often");
            // The last of them are given back.
            Thread.sleep(1000);
            host.comeBack();
            Thread.sleep(TimeUnit.SECONDS.toMillis(HIDDEN_SECONDS - 1 + BACK_SECONDS));
            double after = rate(rig, "m", MEASURED_SECONDS);
            assertTrue(rig.ledger.answered("m") < MESSAGES, "there must be work until the end");
            if (whole) {
                rig.ledger.awaitAll(rig.queue, 120);
            }
            return new Run(before, after);
        }
    }

    private static double rate(FaultBench rig) throws InterruptedException {
        rig.ledger.await(WARM_UP, 60);
        double rate = rate(rig, "before", 4);
        assertTrue(rig.ledger.answered("before") < BASELINE, "there must be work until the end");
        rig.ledger.await(BASELINE, 60);
        return rate;
    }

    private static double rate(FaultBench rig, String prefix, int seconds)
            throws InterruptedException {
        long from = rig.ledger.answered(prefix);
        long fromNs = System.nanoTime();
        Thread.sleep(TimeUnit.SECONDS.toMillis(seconds));
        return (rig.ledger.answered(prefix) - from) / ((System.nanoTime() - fromNs) / 1e9);
    }

    private static void note(ObjectNode message, Set<String> often) {
        int receives = message.path("Attributes").path("ApproximateReceiveCount").asInt();
        if (receives >= OUTAGE_RECEIVES) {
            often.add(message.path("MessageId").asText());
        }
    }

    private WorkerProcess start(FaultBench rig, Change... off) throws IOException {
        Path home = Files.createTempDirectory(folder, "worker");
        Path bundle =
                ModuleClasses.bundle(
                        Path.of("src/test/resources/engines/crashing"),
                        Files.createDirectories(home.resolve("slow")),
                        SlowClassifier.class);
        String yaml =
                rig.settings()
                                .queue("visibility: %ds".formatted(VISIBILITY_SECONDS))
                                .bundle(bundle)
                                .yaml()
                        + "preprocess:\n  threads: %d\nstate:\n  directory: state\n"
                                .formatted(THREADS);
        List<Path> changed =
                off.length == 0
                        ? List.of()
                        : List.of(Undefended.changed(home.resolve("off"), List.of(off)));
        Path module = ModuleClasses.copy(home, SlowClassifier.class);
        return WorkerProcess.start(home, yaml, List.of(), changed, module);
    }

    private static byte[] photo() throws IOException {
        try (InputStream in =
                HostBackFT.class.getResourceAsStream(
                        "/dev/millrace/verify/photos/mpu-300x250-city-night.jpg")) {
            return in.readAllBytes();
        }
    }

    /** An image host that can be taken down, and then refuses connections. */
    private static final class Host implements AutoCloseable {
        private final byte[] photo;
        private final int port;
        private RawServer server;

        Host(byte[] photo) throws IOException {
            this.photo = photo;
            this.server = open(0);
            this.port = server.port();
        }

        private RawServer open(int at) throws IOException {
            return new RawServer("127.0.4.1", at, (_, out) -> out.write(RawServer.ok(photo)));
        }

        String url() {
            return "http://127.0.4.1:" + port + "/a.jpg";
        }

        void goDown() throws IOException {
            server.close();
        }

        void comeBack() throws IOException {
            server = open(port);
        }

        @Override
        public void close() throws IOException {
            server.close();
        }
    }
}
