package dev.millrace.duty;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Notices a thread that stands still: one turn of its duty takes longer than it may. A thread in
 * native code cannot be ended, so only the end of the process helps then. Works on the thread
 * {@code watchdog}.
 *
 * <p>Time counts only as far as the watchdog itself was running, so that a process that was stopped
 * for a while, as a whole, is not taken for one that stands still.
 */
public final class Watchdog implements AutoCloseable {
    private static final long MAX_TICK_NS = TimeUnit.SECONDS.toNanos(1);

    private final Duties duties;
    private final long limitNs;
    private final long tickNs;
    private final Consumer<Throwable> fault;
    private final Map<DutyThread, Stillness> seen = new HashMap<>();
    private final DutyThread thread;
    private long lastNs;

    /** Since when, counted by the watchdog, a thread has made no progress. */
    private static final class Stillness {
        long progressNs;
        long stillNs;
    }

    /**
     * @param limit of one turn of any thread that has no limit of its own, beyond what it is
     *     allowed; {@link DutyThread#UNWATCHED} for none
     * @param fault is told which thread stands still, and where
     */
    public Watchdog(Duties duties, Duration limit, Consumer<Throwable> fault) {
        this.duties = duties;
        this.limitNs = limit.toNanos();
        this.tickNs = Math.min(MAX_TICK_NS, limitNs / 8);
        this.fault = fault;
        this.thread = duties.thread("watchdog", this::look, tickNs, Duration.ZERO);
    }

    public void start() {
        lastNs = System.nanoTime();
        thread.start();
    }

    /** Looks once at every thread. */
    Turn look(long nowNs) {
        long elapsedNs = Math.min(nowNs - lastNs, 2 * tickNs);
        lastNs = nowNs;
        seen.keySet().retainAll(duties.running());
        for (DutyThread watched : duties.running()) {
            Stillness stillness = seen.computeIfAbsent(watched, _ -> new Stillness());
            long progressNs = watched.progressNs();
            if (stillness.progressNs != progressNs) {
                stillness.progressNs = progressNs;
                stillness.stillNs = 0;
            } else {
                stillness.stillNs += elapsedNs;
            }
            long stillNs = stillness.stillNs;
            if (watched.limit().isPresent()) {
                watched.limit()
                        .filter(own -> stillNs > own.time().toNanos())
                        .ifPresent(own -> fault.accept(new OverdueException(own.overdue())));
            } else if (stillNs > limitNs + watched.allowed().toNanos()) {
                fault.accept(standsStill(watched, stillNs));
            }
        }
        return Turn.IDLE;
    }

    private static DutyFailedException standsStill(DutyThread watched, long stillNs) {
        DutyFailedException why =
                new DutyFailedException(
                        "the thread %s has spent %s s on one step of its work, more than watchdog allows"
                                .formatted(watched.name(), TimeUnit.NANOSECONDS.toSeconds(stillNs)),
                        null);
        why.setStackTrace(watched.stack());
        return why;
    }

    @Override
    public void close() {
        thread.close();
    }
}
