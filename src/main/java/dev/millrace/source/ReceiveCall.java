package dev.millrace.source;

import dev.millrace.job.Delivery;
import java.util.List;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.Message;
import software.amazon.awssdk.services.sqs.model.MessageSystemAttributeName;

/** The queue's long poll; throws what the client throws. */
final class ReceiveCall {
    /** Messages per call at most. */
    static final int SIZE = 10;

    private static final MessageSystemAttributeName RECEIVE_COUNT =
            MessageSystemAttributeName.APPROXIMATE_RECEIVE_COUNT;
    private static final MessageSystemAttributeName SENT_AT =
            MessageSystemAttributeName.SENT_TIMESTAMP;

    private final SqsClient client;
    private final QueueSettings settings;

    /** A message as the queue gave it. */
    record Arrival(Delivery delivery, String body) {}

    ReceiveCall(SqsClient client, QueueSettings settings) {
        this.client = client;
        this.settings = settings;
    }

    List<Arrival> receive(int most) {
        List<Message> messages =
                client.receiveMessage(
                                request ->
                                        request.queueUrl(settings.url())
                                                .maxNumberOfMessages(most)
                                                .waitTimeSeconds(
                                                        (int) settings.waitTime().toSeconds())
                                                .visibilityTimeout(settings.visibilitySeconds())
                                                .messageSystemAttributeNames(
                                                        RECEIVE_COUNT, SENT_AT))
                        .messages();
        // The lease began on the server just before the response left it. The start of the call
        // would be safer, but lies a whole long poll back and could be older than the lease.
        long receivedNs = System.nanoTime();
        return messages.stream().map(message -> arrival(message, receivedNs)).toList();
    }

    private static Arrival arrival(Message message, long receivedNs) {
        return new Arrival(
                new Delivery(
                        message.messageId(),
                        message.receiptHandle(),
                        Integer.parseInt(message.attributes().getOrDefault(RECEIVE_COUNT, "1")),
                        Long.parseLong(message.attributes().getOrDefault(SENT_AT, "0")),
                        receivedNs),
                message.body());
    }
}
