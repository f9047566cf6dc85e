package dev.millrace.faults;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.faults.Undefended.Change;
import dev.millrace.job.Counter;
import dev.millrace.testing.Loopback;
import dev.millrace.testing.WorkerProcess;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Row 4: the queue refuses connections for half a minute. */
class QueueDownFT {
    private static final int MESSAGES = 2000;

    /** Less than a worker holds: one that holds all it may does not poll, and sees no failure. */
    private static final int FEW = 200;

    private static final int DOWN_SECONDS = 30;
    private static final String ENDED = "the worker ended";

    @TempDir private Path folder;

    @Test
    void theWorkerOutlivesTheQueue() throws Exception {
        Reliability row =
                Reliability.row(
                        4, "30 s down: no exit, ≤ 1 log line/s, back at work ≤ 5 s after, 0 lost");
        String line = run(row.seed());
        AssertionError ended =
                assertThrows(AssertionError.class, () -> run(row.seed(), Without.CARE_FOR_POLLS));
        assertTrue(ended.getMessage().startsWith(ENDED), ended.getMessage());
        row.holds(line, "a failed poll is not caught: " + ended.getMessage().split(" ==>")[0]);
    }

    private String run(long seed, Change... off) throws Exception {
        try (FaultBench rig = new FaultBench(seed, 5);
                // 50 images a second, so that it is down in the middle of the work.
                WorkerProcess worker = rig.settings().simulate("0,20").start(folder, off)) {
            worker.awaitReady();
            rig.send("first", FEW);
            rig.ledger.await(FEW / 2, 30);
            long linesBefore = lines(worker);
            rig.faulty.goDown();
            rig.send(MESSAGES - FEW);
            for (int second = 0; second < DOWN_SECONDS; second++) {
                Thread.sleep(1000);
                assertTrue(worker.isAlive(), ENDED + " after " + (second + 1) + " s");
            }
            long lines = lines(worker) - linesBefore;
            assertTrue(worker.counter(Counter.RECEIVE_ERRORS) > 0, "it must have polled");
            int before = rig.faulty.received.get();
            rig.faulty.comeBack();
            long backNs = System.nanoTime();
            Loopback.awaitUntil(() -> rig.faulty.received.get() > before, 20, () -> "none");
            double seconds = (System.nanoTime() - backNs) / 1e9;
            assertTrue(lines <= DOWN_SECONDS, lines + " lines");
            assertTrue(seconds <= 5, seconds + " s");
            rig.ledger.awaitAll(rig.queue, 120);
            rig.ledger.requireNothingLost(rig.queue);
            assertEquals(0, rig.queue.deadLetters());
            return "alive, %d lines in %d s, back after %.1f s; %s"
                    .formatted(lines, DOWN_SECONDS, seconds, rig.line());
        }
    }

    /** Lines for the operator; those on finished messages are JSON. */
    private static long lines(WorkerProcess worker) {
        return worker.output().lines().filter(line -> !line.startsWith("{")).count();
    }
}
