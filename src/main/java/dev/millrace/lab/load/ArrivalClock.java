package dev.millrace.lab.load;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.LockSupport;

/**
 * Says when requests are due that come by chance, on a thread of its own: a selector waits whole
 * milliseconds only. It sleeps from one to the next.
 */
final class ArrivalClock implements AutoCloseable {
    private final Arrivals.Poisson arrivals;
    private final Runnable wake;
    private final Queue<Long> due = new ConcurrentLinkedQueue<>();
    private final Thread thread;
    private volatile boolean stopped;

    /**
     * @param wake called when one is due
     */
    ArrivalClock(Arrivals.Poisson arrivals, Runnable wake) {
        this.arrivals = arrivals;
        this.wake = wake;
        thread = Thread.ofPlatform().daemon().name("load-clock").start(this::run);
    }

    private void run() {
        long next = System.nanoTime();
        while (!stopped) {
            next += arrivals.nextGapNs();
            for (long left = next - System.nanoTime();
                    left > 0 && !stopped;
                    left = next - System.nanoTime()) {
                LockSupport.parkNanos(this, left);
            }
            due.add(next);
            wake.run();
        }
    }

    /** When the first of those that were not sent yet was due; null where none is. */
    Long next() {
        return due.poll();
    }

    int waiting() {
        return due.size();
    }

    /** No more come; those that are due stay. */
    void stop() {
        stopped = true;
        LockSupport.unpark(thread);
    }

    @Override
    public void close() {
        stop();
    }
}
