package dev.millrace.source;

import dev.millrace.resource.Deadline;
import dev.millrace.resource.Mutex;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.function.Supplier;

/**
 * Calls of the queue that run beside each other, each on a virtual thread of its own, so that no
 * round trip bounds the rate. How many may run follows from how they end: one that says so makes
 * room for one more, and each failure halves the room and begins a pause, so that a queue that is
 * down is asked by one call at a time. One thread of a duty begins them; thread-safe.
 */
final class ConcurrentCalls {
    private final int rest;
    private final int most;
    private final long longestNs;
    private final Executor threads;

    private final Mutex lock = new Mutex();
    private final Condition ended = lock.newCondition();
    // In the order in which they began.
    private final Set<Running> running = new LinkedHashSet<>();
    private int room;
    private int failures;
    private long pausedUntilNs;
    private Throwable broken;
    private boolean closed;

    /** What the end of a call says about how many may run. */
    enum Ending {
        /** There is work for one more. */
        MORE,
        /** There was little to do for this one. */
        FEWER,
        /** There was nothing to do at all: one call is enough to see when there is. */
        NOTHING,
        /** The queue did not answer. */
        FAILED
    }

    /** Compared by identity. */
    private static final class Running {
        final long beganNs;

        Running(long beganNs) {
            this.beganNs = beganNs;
        }
    }

    /**
     * @param name of the threads, before their number
     * @param rest how many may run where there is little to do
     * @param most how many may run
     * @param longest after which a call should have ended by itself
     */
    ConcurrentCalls(String name, int rest, int most, Duration longest) {
        this(rest, most, longest, Thread.ofVirtual().name(name + "-", 0)::start);
    }

    /**
     * @param threads runs the calls
     */
    ConcurrentCalls(int rest, int most, Duration longest, Executor threads) {
        this.rest = Math.min(rest, most);
        this.most = most;
        this.longestNs = longest.toNanos();
        this.threads = threads;
        this.room = this.rest;
    }

    /** Whether one more may begin. */
    boolean isFree(long nowNs) {
        try (var _ = lock.hold()) {
            return free(nowNs);
        }
    }

    private boolean free(long nowNs) {
        if (broken != null) {
            throw new IllegalStateException("a call of the queue broke off: " + broken, broken);
        }
        return running.size() < room && !paused(nowNs);
    }

    /** Whether the queue did not answer a moment ago. */
    boolean isPaused(long nowNs) {
        try (var _ = lock.hold()) {
            return paused(nowNs);
        }
    }

    private boolean paused(long nowNs) {
        return failures > 0 && nowNs - pausedUntilNs < 0;
    }

    /** Waits until one more may begin, for so long at most; says whether it may. */
    boolean await(Duration timeout) throws InterruptedException {
        Deadline deadline = Deadline.in(timeout);
        try (var _ = lock.hold()) {
            long nowNs = System.nanoTime();
            while (!closed && !free(nowNs) && !deadline.passed()) {
                long waitNs = deadline.leftNs();
                if (running.size() < room) {
                    waitNs = Math.min(waitNs, pausedUntilNs - nowNs);
                }
                ended.await(waitNs, TimeUnit.NANOSECONDS);
                nowNs = System.nanoTime();
            }
            return !closed && free(nowNs);
        }
    }

    /**
     * Begins a call, for which there must be room.
     *
     * @param call whose exceptions are its own to handle; what it throws ends the duty
     */
    void begin(long nowNs, Supplier<Ending> call) {
        Running one = new Running(nowNs);
        try (var _ = lock.hold()) {
            running.add(one);
        }
        threads.execute(() -> run(one, call));
    }

    private void run(Running one, Supplier<Ending> call) {
        long startNs = System.nanoTime();
        try {
            Ending ending = call.get();
            end(one, ending, one.beganNs + System.nanoTime() - startNs);
        } catch (Throwable e) {
            // Also when memory runs out: what the call had in hand is nobody's any more.
            try (var _ = lock.hold()) {
                broken = e;
                running.remove(one);
                ended.signalAll();
            }
        }
    }

    private void end(Running one, Ending ending, long nowNs) {
        try (var _ = lock.hold()) {
            running.remove(one);
            room = roomAfter(ending);
            if (ending == Ending.FAILED) {
                // Those that began before the first of them failed are no further proof.
                if (!paused(nowNs)) {
                    failures++;
                    pausedUntilNs = nowNs + QueueSettings.RETRY_DELAY.after(failures).toNanos();
                }
            } else {
                failures = 0;
            }
            ended.signalAll();
        }
    }

    private int roomAfter(Ending ending) {
        return switch (ending) {
            case MORE -> Math.min(most, room + 1);
            case FEWER -> Math.max(rest, room - 1);
            case NOTHING -> 1;
            case FAILED -> Math.max(1, room / 2);
        };
    }

    /** Whether a call runs that should have ended by itself. */
    boolean hangs(long nowNs) {
        try (var _ = lock.hold()) {
            return !running.isEmpty() && nowNs - running.iterator().next().beganNs > longestNs;
        }
    }

    /** Whether as many run as ever may. */
    boolean areMost() {
        try (var _ = lock.hold()) {
            return running.size() >= most;
        }
    }

    /** Whether the queue did not answer the last of them. */
    boolean areFailing() {
        try (var _ = lock.hold()) {
            return failures > 0;
        }
    }

    /** Lets nobody wait for room any more. */
    void close() {
        try (var _ = lock.hold()) {
            closed = true;
            ended.signalAll();
        }
    }

    /** Waits until none runs; says whether that is so. */
    boolean awaitNone(Duration timeout) throws InterruptedException {
        Deadline deadline = Deadline.in(timeout);
        try (var _ = lock.hold()) {
            while (!running.isEmpty() && !deadline.passed()) {
                ended.await(deadline.leftNs(), TimeUnit.NANOSECONDS);
            }
            return running.isEmpty();
        }
    }

    /** Lets those that run end, for so long at most; an interrupt ends the wait and is kept. */
    void end(Duration timeout) {
        try {
            awaitNone(timeout);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
