package dev.millrace.resource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RetryDelayTest {
    private static final Duration FIRST = Duration.ofMillis(100);
    private static final Duration MAX = Duration.ofSeconds(4);

    @ParameterizedTest
    @CsvSource({"0, 100", "1, 100", "2, 200", "3, 400", "6, 3200", "7, 4000", "1000000, 4000"})
    void doublesUpToItsBound(int failures, long wholeMs) {
        assertEquals(Duration.ofMillis(wholeMs), new RetryDelay(FIRST, MAX, 0).after(failures));
        RetryDelay half = new RetryDelay(FIRST, MAX, 0.5);
        Set<Duration> seen = new HashSet<>();
        for (int i = 0; i < 100; i++) {
            long ns = half.after(failures).toNanos();
            assertTrue(ns >= wholeMs * 500_000 && ns <= wholeMs * 1_000_000, ns + " ns");
            seen.add(half.after(failures));
        }
        assertTrue(seen.size() > 10, "no chance in " + seen);
    }
}
