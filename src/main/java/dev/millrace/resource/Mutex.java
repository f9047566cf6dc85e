package dev.millrace.resource;

import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A lock that the head of a try block takes and its end gives back: {@code try (var _ =
 * mutex.hold()) { ... }}. Allocates nothing. Reentrant, used by any thread.
 */
public final class Mutex {
    private final ReentrantLock lock = new ReentrantLock();
    private final Held held = lock::unlock;

    /** The lock in this thread's hands, until it is closed. */
    @FunctionalInterface
    public interface Held extends AutoCloseable {
        @Override
        void close();
    }

    /** Waits for the lock. */
    public Held hold() {
        lock.lock();
        return held;
    }

    /** For waits of whoever holds the lock. */
    public Condition newCondition() {
        return lock.newCondition();
    }
}
