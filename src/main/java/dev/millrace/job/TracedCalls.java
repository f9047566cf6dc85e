package dev.millrace.job;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * The attempts to bring a message's result to its destination, where its trace is recorded. Each is
 * a span of its own, whose name in the trace the call carries. Used by one thread at a time.
 */
public final class TracedCalls {
    /** A message that is held for a destination may be tried for minutes; the first ones tell. */
    private static final int MAX = 16;

    private final Trace trace;
    private final List<Call> ended = new CopyOnWriteArrayList<>();
    private volatile Optional<TraceParent> current;

    /**
     * One attempt.
     *
     * @param startNs by {@link System#nanoTime}
     * @param endNs likewise
     * @param error why it failed, in a word; empty where the result was taken
     */
    public record Call(String spanId, long startNs, long endNs, String error) {}

    TracedCalls(Trace trace) {
        this.trace = trace;
        this.current = trace.passedOn();
    }

    /** An attempt begins. */
    public void begin() {
        if (trace.isSampled()) {
            current = Optional.of(trace.nextCall());
        }
    }

    /** The attempt has ended. */
    public void end(long startNs, String error) {
        if (trace.isSampled() && ended.size() < MAX) {
            ended.add(new Call(current.orElseThrow().spanId(), startNs, System.nanoTime(), error));
        }
    }

    /** What the attempt carries that is under way. */
    public Optional<TraceParent> current() {
        return current;
    }

    /** Those that have ended, in order. */
    public List<Call> ended() {
        return List.copyOf(ended);
    }
}
