package dev.millrace.faults;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.testing.Loopback;
import dev.millrace.worker.Worker;
import org.junit.jupiter.api.Test;

/** Row 16: one in ten deletes fails, and one in five calls is throttled. */
class PartialFailureFT {
    private static final int MESSAGES = Reliability.sized(2000, 400);

    @Test
    void everythingIsDeletedInTheEnd() throws Exception {
        Reliability row =
                Reliability.row(
                        16, "1 of 10 deletes fails, 20 % throttled: all deleted in the end");
        String line = run(row.seed(), false);
        String control = run(row.seed(), true);
        row.holds(line, "failed entries reported as done: " + control);
    }

    private static String run(long seed, boolean lies) throws Exception {
        try (FaultBench rig = new FaultBench(seed, 5);
                Worker _ = rig.settings().start()) {
            rig.faulty.failingEntries = 0.1;
            rig.faulty.throttled = 0.2;
            rig.faulty.lies = lies;
            rig.send(MESSAGES);
            rig.ledger.await(MESSAGES, 120);
            if (!lies) {
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
                            lies ? rig.state() : rig.line());
        }
    }
}
