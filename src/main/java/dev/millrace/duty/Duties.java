package dev.millrace.duty;

import java.time.Duration;
import java.util.Collection;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/**
 * The long-lived threads of one worker: makes them, knows which run, and tells the worker of an end
 * that nobody wanted. Thread-safe.
 */
public final class Duties {
    private final Consumer<Throwable> fault;
    private final Set<DutyThread> running = ConcurrentHashMap.newKeySet();

    /**
     * @param fault is told why a thread ended that was not closed; the worker must then end
     */
    public Duties(Consumer<Throwable> fault) {
        this.fault = fault;
    }

    /** A thread, to be started, for a duty that waits for its work by itself. */
    public DutyThread thread(String name, Duty duty) {
        return thread(name, duty, 0, Duration.ZERO);
    }

    /**
     * A thread, to be started.
     *
     * @param restNs between turns that found nothing to do; 0 for a duty that waits by itself
     * @param allowed how much longer one turn may take than the watchdog allows to every thread,
     *     for instance the time-out of a call
     */
    public DutyThread thread(String name, Duty duty, long restNs, Duration allowed) {
        return new DutyThread(name, duty, restNs, allowed, Optional.empty(), this);
    }

    /** A thread, to be started, for a duty that waits by itself for something with a limit. */
    public DutyThread thread(String name, Duty duty, OwnLimit limit) {
        return new DutyThread(name, duty, 0, Duration.ZERO, Optional.of(limit), this);
    }

    /** Something else ended that the worker cannot do without. */
    public void fail(Throwable why) {
        fault.accept(why);
    }

    void started(DutyThread thread) {
        running.add(thread);
    }

    void failed(DutyThread thread, Throwable why) {
        fault.accept(
                new DutyFailedException("the thread " + thread.name() + " ended: " + why, why));
    }

    void ended(DutyThread thread) {
        running.remove(thread);
    }

    /** How long the slowest of the threads that are called so has made no progress. */
    public long stillNs(String role, long nowNs) {
        return running.stream()
                .filter(thread -> (thread.name() + "-").startsWith(role + "-"))
                .mapToLong(thread -> nowNs - thread.progressNs())
                .reduce(0, Math::max);
    }

    /** Those that run now. */
    public Collection<DutyThread> running() {
        return running;
    }
}
