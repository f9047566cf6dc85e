package dev.millrace.job;

import java.util.Optional;

/**
 * Decides to which trace a message belongs, and takes those that have ended. Thread-safe; waits for
 * nobody and throws nothing.
 */
public interface Tracing extends AutoCloseable {
    /** Begins no trace, records none, and passes on what senders say. */
    Tracing OFF = Trace::passedOn;

    /**
     * A message was received.
     *
     * @param sender where in a trace it was sent, where its sender says so
     */
    Trace begin(Optional<TraceParent> sender);

    /** A message or one image of several has ended whose trace is recorded. */
    default void ended(Message message, Outcome outcome) {}

    /** A receipt has ended of which no message came. */
    default void refused(Delivery delivery, String kind) {}

    /** A settlement that tells {@code next} of everything, and then of what is recorded. */
    default Settlement before(Settlement next) {
        return new Settlement() {
            @Override
            public void settled(Message message, Outcome outcome) {
                next.settled(message, outcome);
                if (message.images().isEmpty()) {
                    record(message, outcome);
                }
            }

            @Override
            public void imageSettled(Message image, Outcome outcome) {
                next.imageSettled(image, outcome);
                record(image, outcome);
            }

            @Override
            public void refused(Delivery delivery, Optional<Failure.Kind> kind, String why) {
                next.refused(delivery, kind, why);
                if (delivery.trace().isSampled()) {
                    Tracing.this.refused(
                            delivery, kind.map(Failure.Kind::wireName).orElse("malformed"));
                }
            }

            private void record(Message message, Outcome outcome) {
                if (message.delivery().trace().isSampled()) {
                    ended(message, outcome);
                }
            }
        };
    }

    /** Sends what still waits to be sent, for two seconds at most. */
    @Override
    default void close() {}
}
