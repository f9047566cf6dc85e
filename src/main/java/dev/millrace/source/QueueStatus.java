package dev.millrace.source;

import java.util.OptionalInt;

/**
 * What the queue says of itself; its counts are approximate.
 *
 * @param visible messages that wait
 * @param inFlight messages that somebody has received and not deleted
 * @param delayed messages that are not yet visible for the first time
 * @param maxReceiveCount receives after which a message goes to the dead letter queue; empty where
 *     there is no redrive policy
 */
public record QueueStatus(long visible, long inFlight, long delayed, OptionalInt maxReceiveCount) {
    private static final int FEW_RECEIVES = 5;

    /** Where messages go that fail again and again, and what of it to change; for a person. */
    public String redrive() {
        if (maxReceiveCount.isEmpty()) {
            return "there is no dead letter queue, so a message that always fails comes back until"
                    + " it expires";
        }
        int most = maxReceiveCount.getAsInt();
        return "a message that is received %d times goes to the dead letter queue%s"
                .formatted(
                        most,
                        most < FEW_RECEIVES
                                ? " (set maxReceiveCount to 5 or more, since a crash of a worker spends one)"
                                : "");
    }
}
