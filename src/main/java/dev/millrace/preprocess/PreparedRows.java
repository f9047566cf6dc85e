package dev.millrace.preprocess;

import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The heap that pixels may take which are prepared and have no row of a ring yet, for all models of
 * a worker together. Images of the queue and of callers each have their half, so that neither waits
 * for the other. Those that wait are served in the order in which they came. Thread-safe.
 */
public final class PreparedRows {
    /** Of the heap. */
    private static final int HEAP_SHARE = 8;

    private final int half;
    private final Semaphore queue;
    private final Semaphore callers;

    /**
     * @param bytes of all rows; a row that is larger than its half is prepared alone
     */
    public PreparedRows(long bytes) {
        this.half = Math.clamp(bytes / 2, 1, Integer.MAX_VALUE);
        this.queue = new Semaphore(half, true);
        this.callers = new Semaphore(half, true);
    }

    /** An eighth of this process's heap. */
    public static PreparedRows ofHeap() {
        return new PreparedRows(Runtime.getRuntime().maxMemory() / HEAP_SHARE);
    }

    /** Room for one row; {@link #close} gives it back, the first time it is called. */
    final class Reservation implements AutoCloseable {
        private final Semaphore from;
        private final int bytes;
        private final AtomicBoolean closed = new AtomicBoolean();

        private Reservation(Semaphore from, int bytes) {
            this.from = from;
            this.bytes = bytes;
        }

        @Override
        public void close() {
            if (!closed.getAndSet(true)) {
                from.release(bytes);
            }
        }
    }

    /**
     * Waits for room.
     *
     * @param caller whether the image is a caller's
     */
    Reservation reserve(long rowBytes, boolean caller) throws InterruptedException {
        Semaphore from = caller ? callers : queue;
        int bytes = (int) Math.min(rowBytes, half);
        from.acquire(bytes);
        return new Reservation(from, bytes);
    }
}
