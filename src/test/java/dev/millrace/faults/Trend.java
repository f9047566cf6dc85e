package dev.millrace.faults;

import java.util.Arrays;

/** How a measured number goes over time. */
final class Trend {
    private Trend() {}

    /**
     * Theil and Sen's estimate: the median of the slopes between all pairs of samples, which a few
     * outliers do not move.
     *
     * @param times of the samples, growing
     * @return per unit of time
     */
    static double slope(double[] times, double[] values) {
        int count = times.length;
        double[] slopes = new double[count * (count - 1) / 2];
        int at = 0;
        for (int i = 0; i < count; i++) {
            for (int j = i + 1; j < count; j++) {
                slopes[at++] = (values[j] - values[i]) / (times[j] - times[i]);
            }
        }
        return median(slopes);
    }

    /** How far the median of the last third is above the first third's. */
    static double rise(double[] values) {
        int third = values.length / 3;
        return median(Arrays.copyOfRange(values, values.length - third, values.length))
                - median(Arrays.copyOf(values, third));
    }

    private static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }
}
