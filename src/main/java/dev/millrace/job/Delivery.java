package dev.millrace.job;

import java.util.OptionalLong;

/**
 * One receipt of a message from the queue.
 *
 * @param messageId the queue's id of the message
 * @param receiptHandle the queue's handle for this receipt; null where the queue forgot it
 * @param receiveCount how often the message has been received, this time included
 * @param sentAtMs when it was sent, in milliseconds since 1970; 0 where the queue does not say
 * @param receivedNs when it was received, by {@link System#nanoTime}
 * @param trace that it belongs to, and its result with it
 */
public record Delivery(
        String messageId,
        String receiptHandle,
        int receiveCount,
        long sentAtMs,
        long receivedNs,
        Trace trace) {
    /** The handle of what came from no queue. */
    private static final String NO_QUEUE = "no queue";

    /** Of no trace. */
    public Delivery(
            String messageId,
            String receiptHandle,
            int receiveCount,
            long sentAtMs,
            long receivedNs) {
        this(messageId, receiptHandle, receiveCount, sentAtMs, receivedNs, Trace.NONE);
    }

    /**
     * What somebody asks for who waits for the answer, so that it comes once and from no queue.
     *
     * @param imageId of what is asked for: the same for the same image
     */
    public static Delivery ofCaller(String imageId, long receivedNs, Trace trace) {
        return new Delivery(imageId, NO_QUEUE, 1, 0, receivedNs, trace);
    }

    /** Whether a queue would give the message out again where it is not ended at this receipt. */
    public boolean mayComeAgain(int maxReceives) {
        return !NO_QUEUE.equals(receiptHandle) && receiveCount < maxReceives;
    }

    /** The same receipt, of one image of the message, which has an id of its own. */
    Delivery withId(String imageId) {
        return new Delivery(imageId, receiptHandle, receiveCount, sentAtMs, receivedNs, trace);
    }

    /** The same receipt, of a message that belongs to a trace. */
    public Delivery within(Trace other) {
        return new Delivery(messageId, receiptHandle, receiveCount, sentAtMs, receivedNs, other);
    }

    /**
     * Milliseconds from sent to received, where the queue says when it was sent. Between two
     * machines' clocks a message can seem to arrive before it was sent.
     *
     * @param receivedAtMs in milliseconds since 1970
     */
    public OptionalLong queuedMs(long receivedAtMs) {
        return sentAtMs <= 0
                ? OptionalLong.empty()
                : OptionalLong.of(Math.max(0, receivedAtMs - sentAtMs));
    }
}
