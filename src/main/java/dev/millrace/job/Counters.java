package dev.millrace.job;

import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/** The worker's counters; any thread adds, metrics read. */
public final class Counters {
    private final Map<Counter, LongAdder> values = new EnumMap<>(Counter.class);
    private final Map<Failure.Kind, LongAdder> failures = new EnumMap<>(Failure.Kind.class);
    private final Map<Failure.Kind, LongAdder> again = new EnumMap<>(Failure.Kind.class);

    private final Map<DropReason, LongAdder> dropped = new EnumMap<>(DropReason.class);

    private final LastErrors lastErrors = new LastErrors();
    private final Durations ages = Durations.inQueue();
    private final Durations totals = Durations.ofStage();

    public Counters() {
        for (Counter counter : Counter.values()) {
            values.put(counter, new LongAdder());
        }
        for (Failure.Kind kind : Failure.Kind.values()) {
            failures.put(kind, new LongAdder());
            again.put(kind, new LongAdder());
        }
        for (DropReason reason : DropReason.values()) {
            dropped.put(reason, new LongAdder());
        }
    }

    /** How old messages were when they were received. */
    public Durations ages() {
        return ages;
    }

    /** How long messages took from their receipt until the queue had deleted them. */
    public Durations totals() {
        return totals;
    }

    public void increment(Counter counter) {
        values.get(counter).increment();
    }

    public void add(Counter counter, long amount) {
        values.get(counter).add(amount);
    }

    /**
     * Counts a task that ended without a verdict.
     *
     * @param where the URL of its image
     */
    public void failed(Failure failure, String where) {
        increment(Counter.FAILED_TASKS);
        failures.get(failure.kind()).increment();
        lastErrors.note(failure.kind(), where, failure.message());
    }

    /** Counts a message whose result its callback host did not take, at this receipt of it. */
    public void undelivered() {
        failures.get(Failure.Kind.CALLBACK_FAILED).increment();
    }

    /**
     * Counts a failure after which there is another try, here or at the message's next receipt.
     *
     * @param where the host that failed, or a URL of it
     * @param line why, without the sender's id
     */
    public void again(Failure.Kind kind, String where, String line) {
        again.get(kind).increment();
        lastErrors.note(kind, where, line);
    }

    /** The last one of each kind. */
    public LastErrors lastErrors() {
        return lastErrors;
    }

    /** How often there was another try after such a failure. */
    public long triedAgain(Failure.Kind kind) {
        return again.get(kind).sum();
    }

    /** Counts an event that asks for no image, at each receipt of it. */
    public void dropped(DropReason reason) {
        dropped.get(reason).increment();
    }

    public long get(DropReason reason) {
        return dropped.get(reason).sum();
    }

    public long get(Counter counter) {
        return values.get(counter).sum();
    }

    public long get(Failure.Kind kind) {
        return failures.get(kind).sum();
    }
}
