package dev.millrace.gpu.host;

import dev.millrace.gpu.DeviceException;
import dev.millrace.gpu.Event;
import dev.millrace.resource.Mutex;
import java.util.concurrent.locks.Condition;

/** A mark that the stream's thread sets and one other thread waits for. */
final class HostEvent implements Event {
    private final Mutex lock = new Mutex();
    private final Condition completed = lock.newCondition();
    private boolean pending;
    private DeviceException failure;

    void recorded() {
        try (var _ = lock.hold()) {
            if (pending) {
                throw new IllegalStateException("an event was recorded again before it completed");
            }
            pending = true;
            failure = null;
        }
    }

    void complete(DeviceException why) {
        try (var _ = lock.hold()) {
            pending = false;
            failure = why;
            completed.signalAll();
        }
    }

    @Override
    public boolean isComplete() {
        try (var _ = lock.hold()) {
            throwFailure();
            return !pending;
        }
    }

    @Override
    public void synchronize() {
        try (var _ = lock.hold()) {
            while (pending) {
                completed.awaitUninterruptibly();
            }
            throwFailure();
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
