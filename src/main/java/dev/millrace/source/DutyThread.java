package dev.millrace.source;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongToIntFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A named thread that does one duty until it is closed, and rests while there is no work. */
final class DutyThread implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(DutyThread.class);

    /** Longer than any call that the duty may be in. */
    private static final Duration LAST_CALL = Duration.ofSeconds(10);

    private final Thread thread;
    private final LongToIntFunction duty;
    private final long restNs;
    private final LimitedLog failures = new LimitedLog(LOG);
    private volatile boolean closed;

    /**
     * @param duty takes {@link System#nanoTime} and says how much it did; rests follow a zero
     */
    DutyThread(String name, LongToIntFunction duty, long restNs) {
        this.duty = duty;
        this.restNs = restNs;
        this.thread = Thread.ofPlatform().name(name).daemon().unstarted(this::run);
    }

    void start() {
        thread.start();
    }

    private void run() {
        while (!closed) {
            if (work() == 0) {
                LockSupport.parkNanos(restNs);
            }
        }
    }

    /** A thread that dies here would hold every lease and permit for ever. */
    private int work() {
        try {
            return duty.applyAsInt(System.nanoTime());
        } catch (RuntimeException e) {
            failures.warn("the duty of " + thread.getName() + " failed: " + LimitedLog.reason(e));
            return 0;
        }
    }

    /** Waits for the duty that runs; does nothing where the thread was never started. */
    @Override
    public void close() {
        closed = true;
        if (thread.getState() == Thread.State.NEW) {
            return;
        }
        LockSupport.unpark(thread);
        try {
            thread.join(LAST_CALL);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
