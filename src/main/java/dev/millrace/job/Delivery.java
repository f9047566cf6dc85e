package dev.millrace.job;

/**
 * One receipt of a message from the queue.
 *
 * @param messageId the queue's id of the message
 * @param receiptHandle the queue's handle for this receipt
 * @param receiveCount how often the message has been received, this time included
 * @param sentAtMs when it was sent, in milliseconds since 1970
 * @param receivedNs when it was received, by {@link System#nanoTime}
 */
public record Delivery(
        String messageId, String receiptHandle, int receiveCount, long sentAtMs, long receivedNs) {}
