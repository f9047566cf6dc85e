package dev.millrace.quarantine;

import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The share of a lane for trials that nobody insists on: one at a time, and the next after nine
 * times as long as that took, so that a flood of them costs a tenth of a core. Thread-safe.
 */
final class SpareTrials {
    private static final int PAUSE = 9;

    private final AtomicBoolean running = new AtomicBoolean();
    private volatile long nextNs;

    /**
     * @param nowNs by the monotonic clock, before which none has begun
     */
    SpareTrials(long nowNs) {
        this.nextNs = nowNs;
    }

    /** Says whether one may begin now; {@link #end} must follow then. */
    boolean begin(long nowNs) {
        return nowNs - nextNs >= 0 && running.compareAndSet(false, true);
    }

    /** One has ended that began then. */
    void end(long beganNs, long nowNs) {
        nextNs = nowNs + PAUSE * (nowNs - beganNs);
        running.set(false);
    }
}
