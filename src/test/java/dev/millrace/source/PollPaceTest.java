package dev.millrace.source;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class PollPaceTest {
    private final PollPace pace = new PollPace(0);
    private long nowNs;

    /** Ten were asked for. */
    private boolean answer(int arrived, long tookMs) {
        nowNs += TimeUnit.MILLISECONDS.toNanos(tookMs);
        return pace.isBacklog(arrived, 10, TimeUnit.MILLISECONDS.toNanos(tookMs), nowNs);
    }

    @Test
    void shortAnswersAtOnceAreABacklog() {
        for (int i = 0; i < 100; i++) {
            assertTrue(answer(3, 20), "answer " + i);
        }
    }

    @Test
    void anAnswerThatTheQueueWaitedForIsATrickle() {
        assertTrue(answer(3, 20));
        assertFalse(answer(3, 60));
        assertFalse(answer(0, 1000));
        assertTrue(answer(3, 22));
    }

    @Test
    void aFullAnswerIsABacklogWhateverItTook() {
        assertTrue(answer(3, 20));
        assertTrue(answer(10, 500));
    }

    @Test
    void oneToFourAtOnceAreABacklogNearlyAlways() {
        SplittableRandom random = new SplittableRandom(1);
        int backlogs = 0;
        for (int i = 0; i < 1000; i++) {
            backlogs += answer(random.nextInt(1, 5), 20) ? 1 : 0;
        }
        assertTrue(backlogs > 900, backlogs + " of 1000");
    }

    @Test
    void whereACallBringsOneOnAverageItIsATrickle() {
        for (int i = 0; i < 10; i++) {
            answer(10, 20);
        }
        // What came before excuses a few.
        for (int i = 0; i < 3; i++) {
            answer(1, 20);
        }
        assertFalse(answer(1, 20));
    }

    @Test
    void theShortestTimeIsOfLate() {
        assertTrue(answer(3, 2));
        for (int i = 0; i < 300; i++) {
            answer(3, 100);
        }
        assertTrue(answer(3, 100), "the way has become longer");
    }
}
