package dev.millrace.job;

/**
 * The ranges of Prometheus' native histograms, four for each doubling of a second: which one a
 * duration is in. Below half a millisecond there is one for all. Thread-safe, since it keeps
 * nothing.
 */
public final class ExponentialRanges {
    /** Prometheus' word for four ranges in each doubling. */
    public static final int SCHEMA = 2;

    /** The longest duration of the first range, in seconds. */
    public static final double ZERO_SECONDS = 0x1p-11;

    private static final int PER_DOUBLING = 1 << SCHEMA;
    private static final int LOWEST = -11;

    /** Longer than any queue keeps a message. */
    private static final int HIGHEST = 21;

    static final int COUNT = 1 + (HIGHEST - LOWEST) * PER_DOUBLING;

    private static final double NS_PER_SECOND = 1e9;
    private static final long MANTISSA = (1L << 52) - 1;
    private static final long ONE = Double.doubleToLongBits(1);
    private static final double FIRST = Math.pow(2, 0.25);
    private static final double SECOND = Math.pow(2, 0.5);
    private static final double THIRD = Math.pow(2, 0.75);

    private ExponentialRanges() {}

    /** From 0 to {@link #COUNT}, exclusive; what is too long for any is in the last. */
    static int of(long nanos) {
        double seconds = nanos / NS_PER_SECOND;
        int doublings = Math.getExponent(seconds) - LOWEST;
        if (doublings < 0) {
            return 0;
        }
        long bits = Double.doubleToRawLongBits(seconds);
        double part = Double.longBitsToDouble(bits & MANTISSA | ONE);
        return Math.min(COUNT - 1, doublings * PER_DOUBLING + step(part));
    }

    /** How many steps of a doubling from 1 it takes to reach this. */
    private static int step(double part) {
        if (part <= SECOND) {
            return part <= 1 ? 0 : part <= FIRST ? 1 : 2;
        }
        return part <= THIRD ? 3 : PER_DOUBLING;
    }

    /**
     * The number that Prometheus has for a range but the first: it ends at 2^(number / 4) seconds.
     */
    public static int number(int range) {
        return LOWEST * PER_DOUBLING + range;
    }
}
