package dev.millrace.deadletters;

import java.util.concurrent.TimeUnit;

/**
 * Says when the next of many things may happen, so many in a second by the monotonic clock. What
 * was missed in the last second is made up for, so that slow calls do not lower the rate.
 * Thread-safe.
 */
final class Pacer {
    private static final long SECOND_NS = TimeUnit.SECONDS.toNanos(1);

    private final double gapNs;
    private double nextNs;

    Pacer(int perSecond, long nowNs) {
        this.gapNs = (double) SECOND_NS / perSecond;
        this.nextNs = nowNs;
    }

    /** Takes the turns of so many things; says how long to wait until they may happen. */
    synchronized long reserve(int things, long nowNs) {
        nextNs = Math.max(nextNs, nowNs - SECOND_NS);
        long waitNs = (long) (nextNs - nowNs);
        nextNs += things * gapNs;
        return Math.max(0, waitNs);
    }
}
