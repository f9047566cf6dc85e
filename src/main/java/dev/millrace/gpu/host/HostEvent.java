package dev.millrace.gpu.host;

import dev.millrace.gpu.DeviceException;
import dev.millrace.gpu.Event;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** A mark that the stream's thread sets and one other thread waits for. */
final class HostEvent implements Event {
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition completed = lock.newCondition();
    private boolean pending;
    private DeviceException failure;

    void recorded() {
        lock.lock();
        try {
            if (pending) {
                throw new IllegalStateException("an event was recorded again before it completed");
            }
            pending = true;
            failure = null;
        } finally {
            lock.unlock();
        }
    }

    void complete(DeviceException why) {
        lock.lock();
        try {
            pending = false;
            failure = why;
            completed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public boolean isComplete() {
        lock.lock();
        try {
            throwFailure();
            return !pending;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void synchronize() {
        lock.lock();
        try {
            while (pending) {
                completed.awaitUninterruptibly();
            }
            throwFailure();
        } finally {
            lock.unlock();
        }
    }

    private void throwFailure() {
        if (!pending && failure != null) {
            throw failure;
        }
    }

    @Override
    public void close() {}
}
