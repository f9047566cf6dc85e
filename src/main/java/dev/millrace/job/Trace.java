package dev.millrace.job;

import java.util.Optional;

/**
 * The trace that a message belongs to, as it was decided when the message was received. Nothing is
 * recorded while the message is on its way: where the trace is, its spans are written at the end,
 * of the times that are kept for results.
 *
 * @param id 32 hexadecimal digits; empty where the message belongs to no trace
 * @param sender where in the trace the message was sent; empty where the trace begins here
 * @param isSampled whether what is done for the message is recorded
 * @param passedOn what calls for a message carry that is not recorded
 */
public record Trace(
        String id,
        Optional<TraceParent> sender,
        boolean isSampled,
        Optional<TraceParent> passedOn) {
    /** Of a message of which no sender has said a trace, where none is begun here. */
    public static final Trace NONE = passedOn(Optional.empty());

    /** A trace that this worker takes no part in. */
    public static Trace passedOn(Optional<TraceParent> sender) {
        return new Trace(sender.map(TraceParent::traceId).orElse(""), sender, false, sender);
    }

    /** A trace that this worker records. */
    public static Trace recorded(String id, Optional<TraceParent> sender) {
        return new Trace(id, sender, true, Optional.empty());
    }

    /** A trace that this worker knows of and does not record: who comes after need not, either. */
    public static Trace unrecorded(String id, Optional<TraceParent> sender) {
        if (sender.isPresent() && !sender.get().isSampled()) {
            return passedOn(sender);
        }
        TraceParent next =
                sender.map(from -> from.next(false)).orElseGet(() -> TraceParent.first(id, false));
        return new Trace(id, sender, false, Optional.of(next));
    }

    /** What the next call for a message carries that is recorded. */
    TraceParent nextCall() {
        return sender.map(from -> from.next(true)).orElseGet(() -> TraceParent.first(id, true));
    }
}
