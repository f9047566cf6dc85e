package dev.millrace.faults;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.testing.Loopback;
import dev.millrace.testing.ModuleClasses;
import dev.millrace.testing.StoppingClassifier;
import dev.millrace.testing.TestQueue;
import dev.millrace.testing.WorkerProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Row 22: a decode that never ends, a lane, a receiver and heartbeats that stop. The worker says
 * that it does not live, gives its messages back and ends; the next one does the work.
 */
class StandstillFT {
    private static final int GOOD = 100;
    private static final double SAID_WITHIN_SECONDS = 8;
    private static final int CONTROL_SECONDS = 12;

    private static final List<Case> CASES =
            List.of(
                    new Case("a decode hangs", "png-451x300-cat.png", true, false),
                    new Case("a lane hangs", "exact-416x416-wren.png", false, false),
                    new Case("the receivers are gone", "exact-224x224-cat.png", false, true),
                    new Case("heartbeats stop", "png-640x427-flower-palette.png", false, true));

    @TempDir private Path folder;

    /**
     * @param photo for which the module stops a part
     * @param guilty whether the image itself is to blame
     * @param ends whether a thread ends, which is noticed by itself; else the watchdog notices
     */
    private record Case(String what, String photo, boolean guilty, boolean ends) {}

    /**
     * @param saidAfter seconds from the first message until the worker was no longer live; infinite
     *     where it stayed so
     */
    private record Run(double saidAfter, boolean ended, long hidden, String line) {}

    @Test
    void aWorkerThatStandsStillSaysSoAndEnds() throws Exception {
        Reliability row =
                Reliability.row(
                        22,
                        "`watchdog: 3s`; a decode or a lane hangs, a receiver or the heartbeats end: not live ≤ %.0f s after, exit 1, 0 hidden, 0 lost, a guilty image is poison"
                                .formatted(SAID_WITHIN_SECONDS));
        List<String> lines = new ArrayList<>();
        for (Case one : CASES) {
            lines.add(run(one));
            System.out.println(lines.getLast());
        }
        row.holds(String.join("; ", lines), control());
    }

    private String run(Case one) throws Exception {
        try (Scene scene = new Scene(one)) {
            double saidAfter;
            try (WorkerProcess worker = scene.start("3s", List.of())) {
                saidAfter = scene.untilNotLive(worker, 20);
                assertTrue(saidAfter <= SAID_WITHIN_SECONDS, saidAfter + " s\n" + worker.output());
                assertEquals(1, worker.exitCode(10), worker.output());
            }
            long hidden = scene.queue.status().inFlight();
            assertEquals(0, hidden, one.what);
            try (WorkerProcess next = scene.start("3s", List.of())) {
                next.awaitReady();
                scene.ledger.await(GOOD + 1, 60);
                // What is answered is deleted a moment later; killed before, it would stay hidden.
                Loopback.awaitUntil(
                        () -> scene.queue.left() == 0, 20, () -> scene.queue.left() + " left");
            }
            String error = scene.ledger.callbacks().get("stop0").getFirst().error();
            assertEquals(one.guilty ? "poison" : "", error, one.what);
            scene.ledger.requireNothingLost(scene.queue);
            return "%s: not live after %.1f s, exit 1, 0 hidden, all %d answered by the next%s"
                    .formatted(
                            one.what, saidAfter, GOOD + 1, one.guilty ? ", the image poison" : "");
        }
    }

    /** The same without a watchdog, or without the rule for threads that end. */
    private String control() throws Exception {
        List<String> lines = new ArrayList<>();
        Path careless =
                Undefended.changed(
                        folder.resolve("careless"), List.of(Without.NEWS_OF_ENDED_THREADS));
        for (Case one : CASES) {
            try (Scene scene = new Scene(one);
                    WorkerProcess worker =
                            one.ends
                                    ? scene.start("3s", List.of(careless))
                                    : scene.start("0s", List.of())) {
                double saidAfter = scene.untilNotLive(worker, CONTROL_SECONDS);
                assertEquals(Double.POSITIVE_INFINITY, saidAfter, one.what);
                lines.add(
                        "%s: live and ready after %d s, %d hidden"
                                .formatted(
                                        one.what,
                                        CONTROL_SECONDS,
                                        scene.queue.status().inFlight()));
                assertEquals(200, worker.status("/v2/health/ready"), one.what);
            }
        }
        return "no watchdog, or threads that end quietly: " + String.join("; ", lines);
    }

    /** A queue, photos and the books. */
    private final class Scene implements AutoCloseable {
        final Path home = Files.createTempDirectory(folder, "worker");
        final TestQueue queue = new TestQueue(5);
        final Ledger ledger = new Ledger();
        final Loopback images = new Loopback();
        final Case one;

        Scene(Case one) throws IOException {
            this.one = one;
        }

        WorkerProcess start(String watchdog, List<Path> before) throws IOException {
            // Leases that outlive the test: what is visible was given back.
            String yaml =
                    FaultSettings.of(queue.url())
                                    .queue("visibility: 300s")
                                    .queue("deadline: 10m")
                                    .simulate("40,10")
                                    .messages(32)
                                    .bundle(Path.of("src/test/resources/engines/stopping"))
                                    .yaml()
                            + "state:\n  directory: state\nquarantine:\n  timeout: 3s\nwatchdog: "
                            + watchdog
                            + "\n";
            List<String> flags = List.of("-Dmillrace.stopped=" + home.resolve("stopped"));
            Path module = ModuleClasses.copy(home, StoppingClassifier.class);
            return WorkerProcess.start(home, yaml, flags, before, module);
        }

        /** Sends the messages once the worker is ready, and waits until it is not live. */
        double untilNotLive(WorkerProcess worker, int seconds) throws InterruptedException {
            worker.awaitReady();
            String good = images.photo("mpu-300x250-city-night.jpg");
            String bad = images.photo(one.photo);
            ledger.send(queue, "stop", 1, _ -> bad);
            long startNs = System.nanoTime();
            ledger.send(queue, "m", GOOD, _ -> good);
            while (System.nanoTime() - startNs < seconds * 1e9) {
                if (worker.status("/v2/health/live") != 200) {
                    return (System.nanoTime() - startNs) / 1e9;
                }
                Thread.sleep(20);
            }
            return Double.POSITIVE_INFINITY;
        }

        @Override
        public void close() {
            images.close();
            ledger.close();
            queue.close();
        }
    }
}
