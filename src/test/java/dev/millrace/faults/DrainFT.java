package dev.millrace.faults;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.faults.Undefended.Change;
import dev.millrace.testing.WorkerProcess;
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
        String line = end(row.seed());
        String control = end(row.seed(), Without.DRAIN);
        row.holds(line, "no drain: " + control);
    }

    private String end(long seed, Change... off) throws Exception {
        try (FaultBench rig = new FaultBench(seed, 50);
                WorkerProcess worker = rig.settings().simulate("400,0").start(folder, off)) {
            worker.awaitReady();
            rig.send(MESSAGES);
            rig.ledger.await(40, 30);
            long startNs = System.nanoTime();
            worker.terminate();
            int exit = worker.exitCode(25);
            double seconds = (System.nanoTime() - startNs) / 1e9;
            long hidden = rig.queue.status().inFlight();
            assertEquals(
                    off.length == 0, exit == 0 && hidden == 0, exit + ", " + hidden + " hidden");
            assertTrue(seconds < 25);
            if (off.length == 0) {
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
}
