package dev.millrace.job;

import java.time.Duration;

/** How a message ends. */
public sealed interface Outcome {
    /** The callback took the result, good or bad: the message is deleted. */
    record Delivered() implements Outcome {}

    /** The message becomes visible again after {@code after}. */
    record Retry(Duration after, Failure failure) implements Outcome {}

    /** Nobody can be told: the message is left to the queue's redrive policy. */
    record Rejected(Failure failure) implements Outcome {}
}
