package dev.millrace.preprocess;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The native memory that all preprocess threads of a worker may decode in together. A thread takes
 * what its image needs before it decodes, waits while others hold too much, and gives it back when
 * the image is in its row.
 *
 * <p>Nobody may take twice without giving back: of threads that hold nothing while they wait, one
 * always goes on. Those that wait are served in the order in which they came, so that a large image
 * is not passed by small ones for ever.
 *
 * <p>Thread-safe. While there is room, taking is one atomic addition and creates nothing.
 */
public final class DecodeBudget {
    private final long capacity;
    private final AtomicLong reserved = new AtomicLong();
    private final LongAdder waits = new LongAdder();
    // Held by the thread whose turn it is to wait for bytes; the others wait for the lock.
    private final ReentrantLock turn = new ReentrantLock(true);
    private volatile Thread first;

    /**
     * @param capacity in bytes
     */
    public DecodeBudget(long capacity) {
        if (capacity < 1) {
            throw new IllegalArgumentException(
                    "preprocess.decodeBytes: '"
                            + capacity
                            + "' is less than 1 byte; use 1 or more");
        }
        this.capacity = capacity;
    }

    /** For one image at a time, whatever it takes. */
    static DecodeBudget unlimited() {
        return new DecodeBudget(Long.MAX_VALUE);
    }

    /** In bytes. */
    public long capacity() {
        return capacity;
    }

    /** What is taken now, in bytes. */
    public long reserved() {
        return reserved.get();
    }

    /** How often an image had to wait. */
    public long waits() {
        return waits.sum();
    }

    /**
     * Takes bytes, and waits for them where others hold too many. An interrupt does not end the
     * wait; it is kept for the caller.
     *
     * @param bytes at most the capacity, or the wait would never end
     */
    void take(long bytes) {
        if (bytes > capacity) {
            throw new IllegalArgumentException(
                    bytes
                            + " bytes were asked for, but the decode budget has "
                            + capacity
                            + " in all");
        }
        if (!turn.isLocked() && tryTake(bytes)) {
            return;
        }
        waits.increment();
        boolean interrupted = false;
        turn.lock();
        try {
            first = Thread.currentThread();
            while (!tryTake(bytes)) {
                LockSupport.park(this);
                // Else the next park would not wait.
                interrupted |= Thread.interrupted();
            }
        } finally {
            first = null;
            turn.unlock();
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private boolean tryTake(long bytes) {
        long taken;
        do {
            taken = reserved.get();
            if (bytes > capacity - taken) {
                return false;
            }
        } while (!reserved.compareAndSet(taken, taken + bytes));
        return true;
    }

    /** Gives back what {@link #take} took. */
    void giveBack(long bytes) {
        reserved.addAndGet(-bytes);
        // Read after the addition, as the waiting thread tries after it wrote: one sees the other.
        LockSupport.unpark(first);
    }
}
