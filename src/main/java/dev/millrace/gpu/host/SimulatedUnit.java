package dev.millrace.gpu.host;

import java.util.concurrent.locks.LockSupport;

/**
 * The computing unit of a simulated device: one batch at a time, whichever lane it comes from.
 * Callers sleep and burn no CPU. A late wake-up does not slow the unit down: the next batch starts
 * where the last one was due to end.
 */
final class SimulatedUnit {
    private final SimulatedCost cost;
    private boolean used;
    private long freeAtNs;

    SimulatedUnit(SimulatedCost cost) {
        this.cost = cost;
    }

    SimulatedCost cost() {
        return cost;
    }

    void compute(int batch) {
        long untilNs = book(cost.nanos(batch), System.nanoTime());
        long leftNs;
        while ((leftNs = untilNs - System.nanoTime()) > 0) {
            LockSupport.parkNanos(this, leftNs);
        }
    }

    private synchronized long book(long nanos, long nowNs) {
        freeAtNs = (used && freeAtNs - nowNs > 0 ? freeAtNs : nowNs) + nanos;
        used = true;
        return freeAtNs;
    }
}
