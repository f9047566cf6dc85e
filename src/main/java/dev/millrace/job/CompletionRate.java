package dev.millrace.job;

import java.util.concurrent.TimeUnit;

/**
 * How many messages a second the worker completes while it has work: measured in windows of 2 s,
 * the newest of which counts for half. Guarded by its owner.
 */
final class CompletionRate {
    private static final long WINDOW_NS = TimeUnit.SECONDS.toNanos(2);

    private long startNs;
    private int completions;
    private boolean hadWork;
    private double perSecond = Double.NaN;

    CompletionRate(long nowNs) {
        this.startNs = nowNs;
    }

    /** There is work in this window, so that it says something about the worker's speed. */
    void working() {
        hadWork = true;
    }

    void completed(int count) {
        completions += count;
    }

    /** Leaves out what has passed of this window: it says nothing about the worker's speed. */
    void skip(long nowNs) {
        startNs = nowNs;
        completions = 0;
    }

    /**
     * Closes the window when it is over. An idle one is left out.
     *
     * @param hasWork whether the next window begins with work
     */
    void roll(long nowNs, boolean hasWork) {
        long elapsedNs = nowNs - startNs;
        if (elapsedNs < WINDOW_NS) {
            return;
        }
        if (hadWork) {
            double measured = completions * 1e9 / elapsedNs;
            perSecond = isKnown() ? 0.5 * perSecond + 0.5 * measured : measured;
        }
        skip(nowNs);
        hadWork = hasWork;
    }

    /** Whether a window with work was over. */
    boolean isKnown() {
        return !Double.isNaN(perSecond);
    }

    double perSecond() {
        return perSecond;
    }
}
