package dev.millrace.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Lets a worker of numbers follow the rule, in steps of 5 ms of a time of its own. */
class CompletionRateTest {
    private static final int SLOTS = 32;
    private static final double STEP_SECONDS = 0.005;
    private static final long STEP_NS = (long) (STEP_SECONDS * 1e9);

    private final CompletionRate rate = new CompletionRate(0);
    private final Queue<Call> inCalls =
            new PriorityQueue<>(Comparator.comparingLong((Call call) -> call.endNs));
    private final Deque<Call> waitForCores = new ArrayDeque<>();
    private final int[] completed = new int[2];
    private double coreCredit;
    private double arrivalCredit;
    private long nowNs;
    private long downloadsNs;
    private int arrived;

    private record Call(int host, long endNs) {}

    CompletionRateTest() {
        rate.measure(() -> SLOTS, List.of(() -> downloadsNs));
    }

    private int inFlight() {
        return inCalls.size() + waitForCores.size();
    }

    private double limit() {
        return rate.enough(0);
    }

    /** Arrivals take turns between hosts that answer in so many milliseconds. */
    private void run(double seconds, double arrivalsPerSecond, double coresPerSecond, int... ms) {
        completed[0] = 0;
        completed[1] = 0;
        for (long endNs = nowNs + (long) (seconds * 1e9); nowNs < endNs; nowNs += STEP_NS) {
            // What arrives and is not admitted waits in the queue.
            arrivalCredit += arrivalsPerSecond * STEP_SECONDS;
            for (; arrivalCredit >= 1 && inFlight() < limit(); arrivalCredit--) {
                int host = arrived++ % ms.length;
                long endsNs = nowNs + TimeUnit.MILLISECONDS.toNanos(ms[host]);
                inCalls.add(new Call(host, endsNs));
            }
            while (!inCalls.isEmpty() && inCalls.peek().endNs <= nowNs) {
                waitForCores.add(inCalls.poll());
            }
            downloadsNs += inCalls.size() * STEP_NS;
            coreCredit = Math.min(coreCredit + coresPerSecond * STEP_SECONDS, 10);
            for (; coreCredit >= 1 && !waitForCores.isEmpty(); coreCredit--) {
                completed[waitForCores.poll().host]++;
                rate.completed(1);
            }
            rate.working();
            rate.roll(nowNs, inFlight());
        }
    }

    @Test
    void nothingIsMeasuredYet() {
        assertEquals(256 + SLOTS, limit());
    }

    @Test
    void whereTheCoresLimitNoMoreAreAdmitted() {
        run(60, 1e6, 700, 10);
        assertEquals(700 * 60, completed[0], 700);
        assertTrue(limit() < 256 + SLOTS + 2 * 700 * 0.010 + 10, limit() + " in flight");
    }

    @Test
    void whereDownloadsLimitMoreAreAdmittedUntilTheCoresDo() {
        run(12, 1e6, 2000, 1000);
        assertTrue(limit() > 2000, limit() + " in flight");
        run(20, 1e6, 2000, 1000);
        assertEquals(2000 * 20, completed[0], 2000, "the cores are busy");
        double limit = limit();
        run(60, 1e6, 2000, 1000);
        assertEquals(limit, limit(), 0.1 * limit, "and then it stands");
        assertTrue(limit < 256 + SLOTS + 2.2 * 2000, limit + " in flight");
    }

    @Test
    void aSlowHostKeepsNoFastOneOut() {
        run(20, 200, 2000, 5000, 50);
        run(20, 200, 2000, 5000, 50);
        assertEquals(100 * 20, completed[0], 100, "of the host that takes 5 s");
        assertEquals(100 * 20, completed[1], 100, "of the one that takes 50 ms");
        assertEquals(505, inFlight(), 25);
    }

    @Test
    void whatWasAdmittedInExcessIsNoReasonToAdmitMore() {
        run(20, 1e6, 500, 2000);
        double limit = limit();
        for (int second = 0; second < 60; second++) {
            run(1, 1e6, 500, 2000);
            assertTrue(completed[0] > 0.9 * 500, completed[0] + " in a second");
            assertEquals(limit, limit(), 0.2 * limit);
        }
    }

    @Test
    void itFallsWhenNothingIsSlowAnyMore() {
        run(20, 1e6, 500, 2000);
        assertTrue(limit() > 1500, limit() + " in flight");
        run(40, 300, 500, 10);
        assertTrue(limit() < 256 + SLOTS + 20, limit() + " in flight");
    }
}
