package dev.millrace.job;

import java.util.Optional;

/** Takes each message's outcome, once, from any thread, without blocking. */
@FunctionalInterface
public interface Settlement {
    void settled(Message message, Outcome outcome);

    /**
     * Takes the outcome of one image of several, of which the queue is not told: it is told of the
     * message once all have theirs.
     */
    default void imageSettled(Message image, Outcome outcome) {}

    /**
     * Takes a receipt of which no message came, and which is left to the queue's redrive policy.
     *
     * @param kind empty where the body is no request
     * @param why one line
     */
    default void refused(Delivery delivery, Optional<Failure.Kind> kind, String why) {}
}
