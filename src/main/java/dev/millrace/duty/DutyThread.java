package dev.millrace.duty;

import dev.millrace.resource.Joins;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;

/**
 * A named thread that does one duty until it is closed. Any other end is a fault of the worker: an
 * exception, an error, and an interrupt that nobody here has sent. A thread that is gone holds
 * permits, leases and slots for ever, so nobody may go on without it.
 */
public final class DutyThread implements AutoCloseable {
    /** Longer than any call that a turn may be in. */
    private static final Duration LAST_TURN = Duration.ofSeconds(10);

    /** What one turn is allowed that may take as long as it likes. */
    public static final Duration UNWATCHED = Duration.ofDays(36_500);

    private final Thread thread;
    private final Duty duty;
    private final long restNs;
    private final Duration allowed;
    private final Optional<OwnLimit> limit;
    private final Duties duties;
    private volatile boolean closed;
    private volatile long progressNs;

    DutyThread(
            String name,
            Duty duty,
            long restNs,
            Duration allowed,
            Optional<OwnLimit> limit,
            Duties duties) {
        this.duty = duty;
        this.restNs = restNs;
        this.allowed = allowed;
        this.limit = limit;
        this.duties = duties;
        this.thread = Thread.ofPlatform().name(name).daemon().unstarted(this::run);
    }

    public void start() {
        progressed();
        duties.started(this);
        try {
            thread.start();
        } catch (Throwable e) {
            // Nobody is there to make progress, and the watchdog would take that for a standstill.
            duties.ended(this);
            throw e;
        }
    }

    private void run() {
        try {
            while (!closed) {
                Turn turn = duty.turn(System.nanoTime());
                if (turn != Turn.UNFINISHED) {
                    progressed();
                }
                if (turn == Turn.IDLE && restNs > 0) {
                    LockSupport.parkNanos(restNs);
                }
                if (turn == Turn.DONE) {
                    closed = true;
                }
                if (Thread.interrupted()) {
                    // A rest does not throw, and would be none from now on.
                    throw new InterruptedException("interrupted between two turns");
                }
            }
        } catch (Throwable e) {
            // Also when memory runs out, and when code that a module brings does not link.
            if (!closed || e instanceof VirtualMachineError) {
                duties.failed(this, e);
            }
        } finally {
            duties.ended(this);
        }
    }

    /** Part of a long turn is done. Called by the duty, on its thread. */
    public void progressed() {
        progressNs = System.nanoTime();
    }

    /** When the duty last made progress, by {@link System#nanoTime}. */
    public long progressNs() {
        return progressNs;
    }

    public String name() {
        return thread.getName();
    }

    /** Of one turn, beyond what is allowed to every thread. */
    public Duration allowed() {
        return allowed;
    }

    /** What counts instead of the watchdog's limit. */
    Optional<OwnLimit> limit() {
        return limit;
    }

    /** Where the thread is now; empty when it is in no Java code. */
    public StackTraceElement[] stack() {
        return thread.getStackTrace();
    }

    /** Asks the thread to end after its turn, without a wait. */
    public void stop() {
        closed = true;
        duty.stop();
        LockSupport.unpark(thread);
    }

    /** Asks the thread to end amid its turn. */
    public void cancel() {
        stop();
        thread.interrupt();
    }

    /** Waits until the thread has ended; says whether it has. */
    public boolean awaitEnd(Duration timeout) throws InterruptedException {
        return thread.getState() == Thread.State.NEW || thread.join(timeout);
    }

    public boolean isAlive() {
        return thread.isAlive();
    }

    /**
     * Stops threads and waits for their turns to end.
     *
     * @throws dev.millrace.resource.StillInUseException that names those which did not in time
     */
    public static void end(List<DutyThread> threads, Duration timeout) {
        threads.forEach(DutyThread::stop);
        Joins.within(timeout, threads.stream().map(duty -> duty.thread).toList());
    }

    /** Stops the thread and waits for its turn to end, for longer than any call may take. */
    @Override
    public void close() {
        end(List.of(this), LAST_TURN);
    }
}
