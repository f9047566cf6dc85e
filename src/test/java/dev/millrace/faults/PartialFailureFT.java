package dev.millrace.faults;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.faults.Undefended.Change;
import dev.millrace.testing.Loopback;
import dev.millrace.testing.Slow;
import dev.millrace.testing.WorkerProcess;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Row 16: one in ten deletes fails, and one in five calls is throttled. */
@Slow
class PartialFailureFT {
    private static final int MESSAGES = Reliability.sized(2000, 400);

    @TempDir private Path folder;

    @Test
    void everythingIsDeletedInTheEnd() throws Exception {
        Reliability row =
                Reliability.row(
                        16, "1 of 10 deletes fails, 20 % throttled: all deleted in the end");
        String line = run(row.seed());
        String control = run(row.seed(), Without.CARE_FOR_ENTRIES);
        row.holds(line, "failed entries count as done: " + control);
    }

    private String run(long seed, Change... off) throws Exception {
        try (FaultBench rig = new FaultBench(seed, 5);
                WorkerProcess worker = rig.settings().start(folder, off)) {
            worker.awaitReady();
            rig.faulty.failingEntries = 0.1;
            rig.faulty.throttled = 0.2;
            rig.send(MESSAGES);
            rig.ledger.await(MESSAGES, 120);
            if (off.length == 0) {
                Loopback.awaitUntil(() -> rig.queue.left() == 0, 40, rig::state);
                assertEquals(0, rig.ledger.duplicates());
                assertEquals(0, rig.queue.deadLetters());
            } else {
                Loopback.awaitUntil(
                        () -> rig.queue.left() == rig.faulty.failedEntries.get(), 40, rig::state);
                assertTrue(rig.queue.left() >= 1, rig.state());
            }
            return "%d entries failed, %d calls throttled; %s"
                    .formatted(
                            rig.faulty.failedEntries.get(),
                            rig.faulty.throttles.get(),
                            off.length == 0 ? rig.line() : rig.state());
        }
    }
}
