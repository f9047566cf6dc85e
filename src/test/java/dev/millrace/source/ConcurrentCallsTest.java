package dev.millrace.source;

import static dev.millrace.source.ConcurrentCalls.Ending.FAILED;
import static dev.millrace.source.ConcurrentCalls.Ending.FEWER;
import static dev.millrace.source.ConcurrentCalls.Ending.MORE;
import static dev.millrace.source.ConcurrentCalls.Ending.NOTHING;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Ends each call by hand. */
class ConcurrentCallsTest {
    private static final Duration LONGEST = Duration.ofSeconds(5);

    private final Deque<Runnable> begun = new ArrayDeque<>();
    private final ConcurrentCalls calls = new ConcurrentCalls(2, 8, LONGEST, begun::add);
    private final long startNs = System.nanoTime();

    /** Begins as many as may run; says how many run then. */
    private int fill(ConcurrentCalls.Ending ending, long nowNs) {
        while (calls.isFree(nowNs)) {
            calls.begin(nowNs, () -> ending);
        }
        return begun.size();
    }

    private void endAll() {
        while (!begun.isEmpty()) {
            begun.poll().run();
        }
    }

    @Test
    void eachThatFindsWorkMakesRoomForOneMore() {
        assertEquals(2, fill(MORE, startNs));
        endAll();
        assertEquals(4, fill(MORE, startNs));
        endAll();
        assertEquals(8, fill(MORE, startNs), "and no more than the most");
        endAll();
        assertEquals(8, fill(FEWER, startNs));
        endAll();
        assertEquals(2, fill(NOTHING, startNs), "back at rest");
        endAll();
        assertEquals(1, fill(FEWER, startNs), "one sees when there is something");
        endAll();
        assertEquals(2, fill(MORE, startNs));
    }

    @Test
    void aQueueThatIsDownIsAskedByOneAtATime() {
        fill(MORE, startNs);
        endAll();
        fill(MORE, startNs);
        endAll();
        assertEquals(8, fill(FAILED, startNs));
        endAll();
        assertTrue(calls.isPaused(startNs));
        assertEquals(0, fill(FAILED, startNs), "asked again without a pause");
        for (int second = 1; second <= 60; second += 4) {
            long nowNs = startNs + TimeUnit.SECONDS.toNanos(second);
            assertEquals(1, fill(FAILED, nowNs), "after " + second + " s");
            endAll();
        }
        long upNs = startNs + TimeUnit.SECONDS.toNanos(65);
        assertEquals(1, fill(MORE, upNs));
        endAll();
        assertEquals(2, fill(MORE, upNs));
        endAll();
        assertEquals(4, fill(MORE, upNs));
    }

    /** The pause grows by what fails after a pause, and not by each of many that fail at once. */
    @Test
    void manyThatFailTogetherAreOneFailure() {
        fill(MORE, startNs);
        endAll();
        fill(FAILED, startNs);
        endAll();
        long firstPauseNs = TimeUnit.MILLISECONDS.toNanos(110);
        assertFalse(calls.isPaused(startNs + firstPauseNs));
    }

    @Test
    void oneThatHangsKeepsNobodyElseAndIsSeen() {
        fill(MORE, startNs);
        Runnable hanging = begun.poll();
        endAll();
        long laterNs = startNs + LONGEST.toNanos() + 1;
        assertEquals(2, fill(MORE, startNs + 1), "one more, less the one that hangs");
        endAll();
        assertTrue(calls.hangs(laterNs));
        assertFalse(calls.hangs(startNs + LONGEST.toNanos()));
        hanging.run();
        assertFalse(calls.hangs(laterNs));
    }

    @Test
    void whatACallThrowsIsForItsOwner() {
        calls.begin(
                startNs,
                () -> {
                    throw new StackOverflowError();
                });
        endAll();
        IllegalStateException end =
                assertThrows(IllegalStateException.class, () -> calls.isFree(startNs));
        assertEquals(StackOverflowError.class, end.getCause().getClass());
    }

    @Test
    void whoWaitsForRoomIsWokenByAnEnd() throws InterruptedException {
        fill(MORE, System.nanoTime());
        assertFalse(calls.await(Duration.ofMillis(20)));
        Thread end = Thread.ofVirtual().start(this::endAll);
        assertTrue(calls.await(Duration.ofSeconds(10)));
        end.join();
        assertTrue(calls.awaitNone(Duration.ZERO));
        calls.close();
        assertFalse(calls.await(Duration.ofSeconds(10)), "nobody waits for one that is closed");
    }
}
