package dev.millrace.source;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

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
    void whereACallBringsOneOnAverageItIsATrickle() {
        boolean backlog = true;
        for (int i = 0; i < 20; i++) {
            backlog = answer(1, 20);
        }
        assertFalse(backlog);
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
