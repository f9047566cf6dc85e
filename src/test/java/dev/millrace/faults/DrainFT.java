package dev.millrace.faults;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.testing.WorkerProcess;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Row 13: SIGTERM under load. */
class DrainFT {
    private static final int MESSAGES = 600;

    @TempDir private Path folder;

    @Test
    void aTerminatedWorkerHidesNothing() throws Exception {
        Reliability row =
                Reliability.row(
                        13,
                        "under load: exit 0 in < 25 s, each message either answered or left, the rest visible ≤ 1 s after");
        String line = end(row.seed(), true);
        String control = end(row.seed(), false);
        row.holds(line, "`kill -9`: " + control);
    }

    private String end(long seed, boolean gracefully) throws Exception {
        try (FaultBench rig = new FaultBench(seed, 50);
                WorkerProcess worker =
                        WorkerProcess.start(
                                Files.createTempDirectory(folder, "worker"),
                                rig.settings().simulate("400,0").yaml())) {
            worker.awaitReady();
            rig.send(MESSAGES);
            rig.ledger.await(40, 30);
            long startNs = System.nanoTime();
            int exit = gracefully ? terminate(worker) : kill(worker);
            double seconds = (System.nanoTime() - startNs) / 1e9;
            long hidden = rig.queue.status().inFlight();
            assertEquals(gracefully, exit == 0 && hidden == 0, exit + ", " + hidden + " hidden");
            assertTrue(seconds < 25);
            if (gracefully) {
                rig.ledger.requireAnsweredOrLeft(rig.queue);
                assertTrue(rig.ledger.answered() < MESSAGES, "it must have been under load");
            } else {
                rig.ledger.requireNothingLost(rig.queue);
            }
            assertEquals(0, rig.ledger.duplicates());
            return "exit %d after %.1f s, %d hidden; %s"
                    .formatted(exit, seconds, hidden, rig.line());
        }
    }

    private static int terminate(WorkerProcess worker) throws InterruptedException {
        worker.terminate();
        return worker.exitCode(25);
    }

    private static int kill(WorkerProcess worker) throws InterruptedException {
        worker.kill();
        return worker.exitCode(1);
    }
}
