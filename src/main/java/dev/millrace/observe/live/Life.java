package dev.millrace.observe.live;

import dev.millrace.observe.FaultReason;

/** Where in its life a worker is. */
public sealed interface Life {
    /** It loads its models, and polls nothing yet. */
    record Starting() implements Life {}

    /** It polls the queue. */
    record Ready() implements Life {}

    /** It takes no more messages and will end. */
    record Draining() implements Life {}

    /**
     * It cannot go on.
     *
     * @param said why, in one line
     */
    record Faulted(FaultReason reason, String said) implements Life {}
}
