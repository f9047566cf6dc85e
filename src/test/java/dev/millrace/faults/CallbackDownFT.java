package dev.millrace.faults;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.job.Counter;
import dev.millrace.testing.Loopback;
import dev.millrace.worker.Worker;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Row 5: the callback host refuses connections for a minute, in the middle of the work. */
class CallbackDownFT {
    private static final int MESSAGES = 3000;
    private static final int DOWN_SECONDS = 60;
    private static final long SECOND_NS = 1_000_000_000L;

    /** One look at the queue each 10 s, to learn of messages for other hosts. */
    private static final int LOOKS = DOWN_SECONDS / 10 + 1;

    /** What a run came to: calls that receive, from 2 s after the first message was held. */
    private record Run(long polls, long receives, long deadLetters, double drained, String line) {}

    @Test
    void pollingPausesAndMessagesAreHeld() throws Exception {
        Reliability row =
                Reliability.row(
                        5,
                        "60 s down: polling pauses ≤ 2 s after the breaker opens (but for a look each 10 s), 0 dead letters, drained ≤ 60 s after");
        Run run = run(row.seed(), 5, true);
        assertTrue(run.polls <= LOOKS, run.polls + " polls");
        assertEquals(0, run.deadLetters, run.line);
        assertTrue(run.drained <= 60, run.drained + " s");
        // A refusal that means "the host is up" opens no breaker.
        Run control = run(row.seed(), 1, false);
        assertTrue(control.polls > LOOKS && control.deadLetters > 0, control.line);
        row.holds(
                "%d polls in the outage, %d receives beyond the first; %s; drained after %.1f s"
                        .formatted(run.polls, run.receives - MESSAGES, run.line, run.drained),
                "the host answers 410, which opens no breaker, and one receive is allowed: %d polls; %s"
                        .formatted(control.polls, control.line));
    }

    private static Run run(long seed, int maxReceives, boolean down) throws Exception {
        try (FaultBench rig = new FaultBench(seed, maxReceives);
                Worker worker = rig.settings().queue("visibility: 10s").simulate("0,10").start()) {
            rig.send(MESSAGES);
            rig.ledger.await(200, 60);
            long openNs = breakDown(rig, down);
            long polls = watch(rig, openNs);
            restore(rig, down);
            long backNs = System.nanoTime();
            if (down) {
                rig.ledger.awaitAll(rig.queue, 120);
            }
            return new Run(
                    polls,
                    worker.counters().get(Counter.RECEIVED),
                    rig.queue.deadLetters(),
                    (System.nanoTime() - backNs) / 1e9,
                    rig.line());
        }
    }

    /** Returns when the host has been refusing for so long that a breaker has opened. */
    private static long breakDown(FaultBench rig, boolean down) throws Exception {
        if (down) {
            rig.ledger.goDown();
        } else {
            rig.ledger.status = 410;
        }
        int failed = rig.ledger.arrivals();
        if (!down) {
            Loopback.awaitUntil(() -> rig.ledger.arrivals() > failed + 20, 20, () -> "none");
        }
        return System.nanoTime();
    }

    private static long watch(FaultBench rig, long openNs) throws InterruptedException {
        Thread.sleep(DOWN_SECONDS * 1000);
        List<Long> calls = rig.faulty.receiveCallsNs;
        return calls.stream().filter(atNs -> atNs - openNs > 2 * SECOND_NS).count();
    }

    private static void restore(FaultBench rig, boolean down) throws Exception {
        if (down) {
            rig.ledger.comeBack();
        } else {
            Loopback.awaitUntil(() -> rig.queue.deadLetters() > 0, 60, rig::line);
            rig.ledger.status = 204;
        }
    }
}
