package dev.millrace.deadletters;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** When things may happen that have a rate. */
class PacerTest {
    private static final long SECOND_NS = TimeUnit.SECONDS.toNanos(1);

    @Test
    void aHundredInASecondAreTenInATenth() {
        Pacer pacer = new Pacer(100);
        for (int i = 0; i < 1000; i++) {
            assertEquals(i * SECOND_NS / 10, pacer.reserve(10, -SECOND_NS), 1);
        }
    }

    @Test
    void theTimeBeforeTheFirstIsNotMadeUpFor() {
        Pacer pacer = new Pacer(100);
        assertEquals(0, pacer.reserve(10, 60 * SECOND_NS));
        assertEquals(SECOND_NS / 10, pacer.reserve(10, 60 * SECOND_NS), 1);
    }

    @Test
    void ofALongPauseHalfASecondIsMadeUpFor() {
        Pacer pacer = new Pacer(100);
        pacer.reserve(10, 0);
        long nowNs = 60 * SECOND_NS;
        for (int i = 0; i <= 5; i++) {
            assertEquals(0, pacer.reserve(10, nowNs));
        }
        assertEquals(SECOND_NS / 10, pacer.reserve(10, nowNs), 1);
    }
}
