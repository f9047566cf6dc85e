package dev.millrace.job;

import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;

/**
 * What the worker does while it has work: how many messages a second it completes, and how many are
 * on average in calls that only wait for others. Measured in windows of 2 s, the newest of which
 * counts for half, or for all where more are away than before. They are no reason to admit more
 * where as many as are enough wait in the worker itself: what was admitted in excess goes into
 * calls first, and would be taken for a need. Guarded by its owner.
 */
final class CompletionRate {
    private static final long WINDOW_NS = TimeUnit.SECONDS.toNanos(2);

    /** In flight for which nothing needs to be measured, beside what the rings hold. */
    private static final int START = 256;

    /** Room for those in calls to become more. */
    private static final double GROWTH = 2;

    private long startNs;
    private int completions;
    private boolean hadWork;
    private double perSecond = Double.NaN;
    private IntSupplier rings = () -> 0;
    private List<LongSupplier> calls = List.of();
    private long takenNs;
    private double away;

    CompletionRate(long nowNs) {
        this.startNs = nowNs;
    }

    /**
     * What {@link #enough} follows.
     *
     * @param slots of all rings
     * @param callsNs how long those calls have taken whose time counts as time away
     */
    void measure(IntSupplier slots, List<LongSupplier> callsNs) {
        rings = slots;
        calls = List.copyOf(callsNs);
        takenNs = takenNs();
    }

    private long takenNs() {
        return calls.stream().mapToLong(LongSupplier::getAsLong).sum();
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
        takenNs = takenNs();
    }

    /**
     * Closes the window when it is over. An idle one is left out.
     *
     * @param inFlight messages that the worker has now; with any, the next window begins with work
     */
    void roll(long nowNs, int inFlight) {
        long elapsedNs = nowNs - startNs;
        if (elapsedNs < WINDOW_NS) {
            return;
        }
        if (hadWork) {
            double measured = completions * 1e9 / elapsedNs;
            perSecond = isKnown() ? 0.5 * perSecond + 0.5 * measured : measured;
            // Time by time: completions per second × seconds of each, by Little's law.
            double inCalls = (double) (takenNs() - takenNs) / elapsedNs;
            if (inCalls < away || inFlight - inCalls < inside()) {
                away = Math.max(inCalls, 0.5 * away + 0.5 * inCalls);
            }
        }
        skip(nowNs);
        hadWork = inFlight > 0;
    }

    /** Whether a window with work was over. */
    boolean isKnown() {
        return !Double.isNaN(perSecond);
    }

    double perSecond() {
        return perSecond;
    }

    /**
     * How many messages in flight are enough: those that wait in the worker itself, and twice as
     * many as were in calls at a time.
     *
     * @param inCalls as many at least
     */
    double enough(int inCalls) {
        return inside() + GROWTH * Math.max(away, inCalls);
    }

    private int inside() {
        return START + rings.getAsInt();
    }
}
