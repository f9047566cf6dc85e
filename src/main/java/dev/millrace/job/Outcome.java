package dev.millrace.job;

import dev.millrace.resource.RetryDelay;
import java.time.Duration;

/** How a message ends. */
public sealed interface Outcome {
    /** The callback took the result, good or bad: the message is deleted. */
    record Delivered() implements Outcome {}

    /** The message becomes visible again after {@code after}. */
    record Retry(Duration after, Failure failure) implements Outcome {
        private static final RetryDelay DELAY =
                new RetryDelay(Duration.ofSeconds(30), Duration.ofSeconds(900), 0);

        /**
         * The n-th receive of a message is followed by a pause of {@code min(900, 30 * 2^(n-1))}
         * seconds.
         */
        public static Retry backedOff(Message message, Failure failure) {
            return new Retry(pauseAfter(message.delivery().receiveCount()), failure);
        }

        /** The pause after so many receives. */
        public static Duration pauseAfter(int receives) {
            return DELAY.after(receives);
        }

        /** What the log says of it: which message, why, and when it is tried again. */
        public String line(Message message, int maxReceives) {
            return "message %s: %s (receive %d of %d, tried again in %d s)"
                    .formatted(
                            message.delivery().messageId(),
                            LimitedLog.plain(failure.message()),
                            message.delivery().receiveCount(),
                            maxReceives,
                            after.toSeconds());
        }

        /** Visible again at once: the worker is ending. */
        public static Retry draining(Stage stage) {
            return new Retry(
                    Duration.ZERO,
                    new Failure(
                            Failure.Kind.DRAINING,
                            stage,
                            "the worker is shutting down; another worker will take the message"));
        }
    }

    /** It asked for no image, so that there is nothing to tell anybody: the message is deleted. */
    record Dropped(DropReason reason) implements Outcome {}

    /** Nobody can be told: the message is left to the queue's redrive policy. */
    record Rejected(Failure failure) implements Outcome {}
}
