package dev.millrace.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What calls have taken, those under way included. */
class UnderWayTest {
    private static final long PAUSE_MS = 50;

    private final UnderWay calls = new UnderWay();

    @Test
    void aCallCountsBeforeItHasEnded() throws Exception {
        calls.began();
        calls.began();
        Thread.sleep(PAUSE_MS);
        assertTrue(calls.spentNs() >= 2 * TimeUnit.MILLISECONDS.toNanos(PAUSE_MS));
    }

    @Test
    void anEndedCallCountsNoFurther() throws Exception {
        calls.began();
        calls.ended();
        long spentNs = calls.spentNs();
        Thread.sleep(PAUSE_MS);
        assertEquals(spentNs, calls.spentNs());
    }
}
