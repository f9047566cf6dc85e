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
public record QueueStatus(long visible, long inFlight, long delayed, OptionalInt maxReceiveCount) {}
