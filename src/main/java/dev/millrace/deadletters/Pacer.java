package dev.millrace.deadletters;

import java.util.concurrent.TimeUnit;

/**
 * Says when the next of many things may happen, so many in a second by the monotonic clock, from
 * the first on. What was missed in the last half second is made up for, so that a slow call does
 * not lower the rate. Thread-safe.
 */
final class Pacer {
    private static final long SECOND_NS = TimeUnit.SECONDS.toNanos(1);
    private static final long MADE_UP_NS = SECOND_NS / 2;

    private final double gapNs;
    private boolean hasBegun;
    private double nextNs;

    Pacer(int perSecond) {
        this.gapNs = (double) SECOND_NS / perSecond;
    }

    /** Takes the turns of so many things; says how long to wait until they may happen. */
    synchronized long reserve(int things, long nowNs) {
        nextNs = hasBegun ? Math.max(nextNs, nowNs - MADE_UP_NS) : nowNs;
        hasBegun = true;
        long waitNs = (long) (nextNs - nowNs);
        nextNs += things * gapNs;
        return Math.max(0, waitNs);
    }
}
