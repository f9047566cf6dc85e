package dev.millrace.faults;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class TrendTest {
    private static final double[] TIMES = IntStream.range(0, 200).asDoubleStream().toArray();

    @Test
    void aSlopeIsFoundInNoiseAndIsNotMovedByOutliers() {
        Random random = new Random(1);
        double[] values = new double[TIMES.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = 100 + 0.5 * TIMES[i] + random.nextGaussian() + (i % 20 == 0 ? 500 : 0);
        }
        assertEquals(0.5, Trend.slope(TIMES, values), 0.02);
    }

    @Test
    void aStepAtTheStartIsNoSlope() {
        double[] values = new double[TIMES.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = i < 20 ? 10 : 14;
        }
        assertEquals(0, Trend.slope(TIMES, values));
        assertEquals(0, Trend.rise(values));
    }

    @Test
    void aStepInTheMiddleIsARise() {
        double[] values = new double[TIMES.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = i < 100 ? 14 : 15;
        }
        assertEquals(1, Trend.rise(values));
    }
}
