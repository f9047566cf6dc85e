package dev.millrace.source;

import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/**
 * Exponential pauses with jitter, so that workers that lost the queue together do not come back
 * together.
 */
final class Backoff {
    /** Longest pause; with the call that follows it, work goes on within 5 s of a recovery. */
    static final long LONGEST_NS = TimeUnit.SECONDS.toNanos(4);

    private static final long FIRST_NS = TimeUnit.MILLISECONDS.toNanos(100);
    private static final int MOST_DOUBLINGS = 16;

    private Backoff() {}

    /**
     * The pause after the n-th failure in a row: between half and all of {@code min(4 s, 100 ms *
     * 2^(n-1))}.
     */
    static long delayNs(int failures) {
        long whole = Math.min(LONGEST_NS, FIRST_NS << Math.clamp(failures - 1, 0, MOST_DOUBLINGS));
        return ThreadLocalRandom.current().nextLong(whole / 2, whole + 1);
    }
}
