package dev.millrace.faults;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.job.Counter;
import dev.millrace.testing.Loopback;
import dev.millrace.worker.Worker;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Row 15: a callback takes nine times as long as the queue hides a message. */
class LongJobFT {
    private static final int MESSAGES = 20;
    private static final int CALLBACK_SECONDS = 90;

    @Test
    void theLeaseIsKeptAndALostOneIsNotActedOn() throws Exception {
        Reliability row =
                Reliability.row(
                        15,
                        "callback of 90 s, visibility 10 s: 0 redeliveries; lease lost: no delete");
        int redelivered = redelivered(row.seed(), FaultyQueue.Heartbeats.WORK, CALLBACK_SECONDS);
        assertEquals(0, redelivered);
        int control = redelivered(row.seed(), FaultyQueue.Heartbeats.LIE, 25);
        assertTrue(control > 0);
        String lost = aLostLeaseIsNotDeleted(row.seed());
        row.holds(
                "%d redeliveries of %d; %s".formatted(redelivered, MESSAGES, lost),
                "heartbeats that do nothing, callback of 25 s: %d redeliveries".formatted(control));
    }

    private static Worker start(FaultBench rig) throws Exception {
        return rig.settings().queue("visibility: 10s").callback("timeout: 120s").start();
    }

    private static int redelivered(long seed, FaultyQueue.Heartbeats heartbeats, int seconds)
            throws Exception {
        try (FaultBench rig = new FaultBench(seed, 50);
                Worker worker = start(rig)) {
            rig.faulty.heartbeats = heartbeats;
            rig.ledger.delay = Duration.ofSeconds(seconds);
            rig.send(MESSAGES);
            rig.ledger.await(MESSAGES, seconds + 30);
            int redelivered = (int) worker.counters().get(Counter.RECEIVED) - MESSAGES;
            rig.ledger.delay = Duration.ZERO;
            return redelivered;
        }
    }

    private static String aLostLeaseIsNotDeleted(long seed) throws Exception {
        try (FaultBench rig = new FaultBench(seed, 50);
                Worker worker = start(rig)) {
            rig.faulty.heartbeats = FaultyQueue.Heartbeats.FAIL;
            rig.ledger.delay = Duration.ofSeconds(14);
            rig.send(MESSAGES);
            Loopback.awaitUntil(
                    () -> rig.ledger.arrivals() >= MESSAGES, 10, () -> "callbacks have begun");
            Loopback.awaitUntil(
                    () -> worker.counters().get(Counter.STALE) >= MESSAGES,
                    40,
                    () -> worker.counters().get(Counter.STALE) + " stale");
            int deletes = rig.faulty.deleteEntries.get();
            assertEquals(0, deletes);
            rig.ledger.delay = Duration.ZERO;
            return "heartbeats refused, callback of 14 s: %d leases lost, %d deletes"
                    .formatted(MESSAGES, deletes);
        }
    }
}
