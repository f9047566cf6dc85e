package dev.millrace.source;

import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What the queue says of itself; its counts are approximate.
 *
 * @param visible messages that wait
 * @param inFlight messages that somebody has received and not deleted
 * @param delayed messages that are not yet visible for the first time
 * @param maxReceiveCount receives after which a message goes to the dead letter queue; empty where
 *     there is no redrive policy
 * @param retention how long a message is kept; empty where the queue does not say
 * @param maxMessageBytes of a message; empty where the queue does not say
 */
public record QueueStatus(
        long visible,
        long inFlight,
        long delayed,
        OptionalInt maxReceiveCount,
        Optional<Duration> retention,
        Optional<Long> maxMessageBytes) {

    /** Where messages go that fail again and again; for a person. */
    public String redrive() {
        if (maxReceiveCount.isEmpty()) {
            return "there is no dead letter queue, so a message that always fails comes back until"
                    + " it expires";
        }
        return "a message that is received %d times goes to the dead letter queue"
                .formatted(maxReceiveCount.getAsInt());
    }
}
