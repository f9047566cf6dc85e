package dev.millrace.faults;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.faults.Undefended.Change;
import dev.millrace.job.Counter;
import dev.millrace.testing.Loopback;
import dev.millrace.testing.WorkerProcess;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Row 15: a callback takes nine times as long as the queue hides a message. */
class LongJobFT {
    private static final int MESSAGES = 20;
    private static final int CALLBACK_SECONDS = 90;

    @TempDir private Path folder;

    @Test
    void theLeaseIsKeptAndALostOneIsNotActedOn() throws Exception {
        Reliability row =
                Reliability.row(
                        15,
                        "callback of 90 s, visibility 10 s: 0 redeliveries; lease lost: no delete");
        int redelivered = redelivered(row.seed());
        assertEquals(0, redelivered);
        int control = redelivered(row.seed(), Without.HEARTBEATS);
        assertTrue(control > 0);
        int deletes = deletesOfLostLeases(row.seed());
        assertEquals(0, deletes);
        int controlDeletes = deletesOfLostLeases(row.seed(), Without.CARE_FOR_LOST_LEASES);
        assertTrue(controlDeletes > 0);
        row.holds(
                "%d redeliveries of %d; heartbeats refused, callback of 14 s: %d leases lost, %d deletes"
                        .formatted(redelivered, MESSAGES, MESSAGES, deletes),
                "no heartbeats: %d redeliveries; lost leases are not looked at: %d deletes"
                        .formatted(control, controlDeletes));
    }

    private WorkerProcess start(FaultBench rig, Change... off) throws Exception {
        return rig.settings().queue("visibility: 10s").callback("timeout: 120s").start(folder, off);
    }

    /** Until each message is answered, or one came again. */
    private int redelivered(long seed, Change... off) throws Exception {
        try (FaultBench rig = new FaultBench(seed, 50);
                WorkerProcess worker = start(rig, off)) {
            worker.awaitReady();
            rig.ledger.delay = Duration.ofSeconds(CALLBACK_SECONDS);
            rig.send(MESSAGES);
            Loopback.awaitUntil(
                    () -> rig.ledger.answered() == MESSAGES || rig.faulty.received.get() > MESSAGES,
                    CALLBACK_SECONDS + 30,
                    rig::state);
            return rig.faulty.received.get() - MESSAGES;
        }
    }

    /** Until each lease was seen to be lost, or a message was deleted. */
    private int deletesOfLostLeases(long seed, Change... off) throws Exception {
        try (FaultBench rig = new FaultBench(seed, 50);
                WorkerProcess worker = start(rig, off)) {
            worker.awaitReady();
            rig.faulty.refusesHeartbeats = true;
            rig.ledger.delay = Duration.ofSeconds(14);
            rig.send(MESSAGES);
            Loopback.awaitUntil(
                    () -> rig.ledger.arrivals() >= MESSAGES, 10, () -> "callbacks have begun");
            Loopback.awaitUntil(
                    () ->
                            worker.counter(Counter.STALE) >= MESSAGES
                                    || rig.faulty.deleteEntries.get() > 0,
                    40,
                    () -> worker.counter(Counter.STALE) + " stale");
            return rig.faulty.deleteEntries.get();
        }
    }
}
