package dev.millrace.gpu.host;

import java.util.concurrent.locks.LockSupport;

/**
 * A part of a simulated device that does one thing at a time, whichever lane it comes from: the
 * computing unit, or a copy engine. Callers sleep and burn no CPU. Time is kept by what was due,
 * not by when a sleeper woke: a late wake-up does not slow the device down.
 */
final class SimulatedUnit {
    private boolean used;
    private long freeAtNs;

    /**
     * Waits until the unit has worked for {@code nanos}.
     *
     * @param readyNs when the work could have begun, had the unit been free
     * @return when it was due to end
     */
    long occupy(long nanos, long readyNs) {
        long dueNs = book(nanos, readyNs);
        long leftNs;
        while ((leftNs = dueNs - System.nanoTime()) > 0) {
            LockSupport.parkNanos(this, leftNs);
        }
        return dueNs;
    }

    private synchronized long book(long nanos, long readyNs) {
        freeAtNs = (used && freeAtNs - readyNs > 0 ? freeAtNs : readyNs) + nanos;
        used = true;
        return freeAtNs;
    }
}
