package dev.millrace.resource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class DeadlineTest {
    @Test
    void theTimeLeftRunsDownToNothingAndStaysThere() throws Exception {
        Deadline deadline = Deadline.in(Duration.ofMillis(50));
        long leftNs = deadline.leftNs();
        assertTrue(leftNs <= TimeUnit.MILLISECONDS.toNanos(50), leftNs + " ns");
        Thread.sleep(10);
        assertTrue(deadline.left().compareTo(Duration.ofNanos(leftNs)) < 0);
        Thread.sleep(50);
        assertTrue(deadline.passed());
        assertEquals(Duration.ZERO, deadline.left());
    }

    @Test
    void noTimeIsOverAtOnceAndLessThanNoneToo() {
        assertTrue(Deadline.in(Duration.ZERO).passed());
        assertTrue(Deadline.in(Duration.ofSeconds(-1)).passed());
    }

    @Test
    void aTimeLongerThanTheClockCountsIsNotOver() {
        for (Duration time :
                new Duration[] {Duration.ofSeconds(Long.MAX_VALUE), ofLongestNanos()}) {
            Deadline deadline = Deadline.in(time);
            assertFalse(deadline.passed(), time.toString());
            assertTrue(deadline.left().toDays() > 50_000, time.toString());
        }
    }

    private static Duration ofLongestNanos() {
        return Duration.ofNanos(Long.MAX_VALUE);
    }

    /** The clock may stand anywhere, also just before it begins again at its least value. */
    @Test
    void theClockMayWrapRound() {
        long hourNs = TimeUnit.HOURS.toNanos(1);
        assertFalse(new Deadline(System.nanoTime() + hourNs).passed());
        assertTrue(new Deadline(System.nanoTime() - hourNs).passed());
        // On the other side of zero, as far as readings can be compared.
        assertTrue(new Deadline(System.nanoTime() - Long.MAX_VALUE / 2).passed());
        assertFalse(new Deadline(System.nanoTime() + Long.MAX_VALUE / 2).passed());
    }
}
