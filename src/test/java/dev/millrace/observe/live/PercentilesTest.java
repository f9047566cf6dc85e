package dev.millrace.observe.live;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.job.Durations;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PercentilesTest {
    private static final double WIDTH = Math.pow(2, 0.25);

    private final Durations durations = Durations.ofStage();

    private Percentiles since(long[] from) {
        return Percentiles.between(from, counts());
    }

    private long[] counts() {
        return durations.reading().exponential();
    }

    private static void requireNear(double expected, double seconds) {
        assertTrue(
                seconds >= expected / WIDTH && seconds <= expected * WIDTH,
                seconds + " s is not near " + expected);
    }

    @ParameterizedTest
    @ValueSource(doubles = {0.0007, 0.003, 0.1, 1, 7.5, 3600})
    void ofEqualDurationsEachIsThat(double seconds) {
        long[] from = counts();
        durations.add((long) (seconds * 1e9), 40);
        assertEquals(40, since(from).count());
        requireNear(seconds, since(from).seconds(0.5).orElseThrow());
        requireNear(seconds, since(from).seconds(0.99).orElseThrow());
    }

    @Test
    void aFewSlowOnesAreSeenAtTheEndAlone() {
        long[] from = counts();
        durations.add(10_000_000, 98);
        durations.add(2_000_000_000, 2);
        requireNear(0.01, since(from).seconds(0.5).orElseThrow());
        requireNear(2, since(from).seconds(0.99).orElseThrow());
    }

    @Test
    void whatWasBeforeIsLeftOut() {
        durations.add(5_000_000_000L, 1000);
        long[] from = counts();
        assertTrue(since(from).seconds(0.5).isEmpty());
        durations.add(1_000_000);
        requireNear(0.001, since(from).seconds(0.5).orElseThrow());
    }

    @Test
    void shorterThanAnyRangeIsBetweenZeroAndTheFirstBound() {
        long[] from = counts();
        durations.add(1000, 10);
        double seconds = since(from).seconds(0.5).orElseThrow();
        assertTrue(seconds > 0 && seconds < 0.0005, seconds + " s");
    }
}
