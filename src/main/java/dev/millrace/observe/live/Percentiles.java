package dev.millrace.observe.live;

import dev.millrace.job.ExponentialRanges;
import java.util.OptionalDouble;

/**
 * What part of the durations between two readings was no longer than which: within 19 % of it, as
 * wide as the ranges are.
 *
 * @param counts in each of the {@link ExponentialRanges}
 */
record Percentiles(long[] counts) {
    private static final double PER_DOUBLING = 1 << ExponentialRanges.SCHEMA;

    /** Those that came after {@code from} and until {@code to}. */
    static Percentiles between(long[] from, long[] to) {
        long[] counts = to.clone();
        for (int range = 0; range < counts.length; range++) {
            // Two counters that are read while others add may be read in any order.
            counts[range] = Math.max(0, counts[range] - from[range]);
        }
        return new Percentiles(counts);
    }

    long count() {
        long all = 0;
        for (long count : counts) {
            all += count;
        }
        return all;
    }

    /**
     * In seconds; empty where there was none.
     *
     * @param part of them, from 0 to 1
     */
    OptionalDouble seconds(double part) {
        double rank = part * count();
        double before = 0;
        for (int range = 0; range < counts.length; range++) {
            if (counts[range] > 0 && before + counts[range] >= rank) {
                return OptionalDouble.of(within(range, (rank - before) / counts[range]));
            }
            before += counts[range];
        }
        return OptionalDouble.empty();
    }

    /** The ranges double in steps, so what lies between their ends does too. */
    private static double within(int range, double part) {
        if (range == 0) {
            return part * ExponentialRanges.ZERO_SECONDS;
        }
        return Math.pow(2, (ExponentialRanges.number(range) - 1 + part) / PER_DOUBLING);
    }
}
