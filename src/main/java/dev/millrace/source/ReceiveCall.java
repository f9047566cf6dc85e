package dev.millrace.source;

import dev.millrace.job.Delivery;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.Message;
import software.amazon.awssdk.services.sqs.model.MessageAttributeValue;
import software.amazon.awssdk.services.sqs.model.MessageSystemAttributeName;
import software.amazon.awssdk.services.sqs.model.ReceiveMessageRequest;

/** The queue's long poll; throws what the client throws. */
final class ReceiveCall {
    /** Messages per call at most. */
    static final int SIZE = 10;

    private static final MessageSystemAttributeName RECEIVE_COUNT =
            MessageSystemAttributeName.APPROXIMATE_RECEIVE_COUNT;
    private static final MessageSystemAttributeName SENT_AT =
            MessageSystemAttributeName.SENT_TIMESTAMP;

    private static final String TRACEPARENT = "traceparent";
    private static final Pattern TRACE =
            Pattern.compile("00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}");

    private static final Logger LOG = LoggerFactory.getLogger(ReceiveCall.class);

    private final SqsClient client;
    private final QueueSettings settings;
    private final ReceiveCounts counts = new ReceiveCounts();
    private final AtomicBoolean missed = new AtomicBoolean();

    /** A message as the queue gave it. */
    record Arrival(Delivery delivery, String body) {}

    ReceiveCall(SqsClient client, QueueSettings settings) {
        this.client = client;
        this.settings = settings;
    }

    List<Arrival> receive(int most) {
        List<Message> messages = client.receiveMessage(request -> ask(request, most)).messages();
        // The lease began on the server just before the response left it. The start of the call
        // would be safer, but lies a whole long poll back and could be older than the lease.
        long receivedNs = System.nanoTime();
        return messages.stream().map(message -> arrival(message, receivedNs)).toList();
    }

    /** By the name of today, and by the one before it, which is all that older servers know. */
    @SuppressWarnings("deprecation")
    private void ask(ReceiveMessageRequest.Builder request, int most) {
        request.queueUrl(settings.url())
                .maxNumberOfMessages(most)
                .waitTimeSeconds((int) settings.waitTime().toSeconds())
                .visibilityTimeout(settings.visibilitySeconds())
                .messageSystemAttributeNames(RECEIVE_COUNT, SENT_AT)
                .messageAttributeNames(TRACEPARENT)
                .attributeNamesWithStrings(RECEIVE_COUNT.toString(), SENT_AT.toString());
    }

    private Arrival arrival(Message message, long receivedNs) {
        String id = Objects.requireNonNullElse(message.messageId(), message.receiptHandle());
        OptionalLong count = number(message, RECEIVE_COUNT);
        OptionalLong sentAt = number(message, SENT_AT);
        if ((count.isEmpty() || sentAt.isEmpty()) && missed.compareAndSet(false, true)) {
            LOG.warn(
                    "the queue does not say how often a message was received or when it was sent"
                            + " (ApproximateReceiveCount, SentTimestamp): this worker counts its own"
                            + " receives, and results have no timings_ms.queue");
        }
        int receives =
                count.isPresent()
                        ? Math.clamp(count.getAsLong(), 1, Integer.MAX_VALUE)
                        : counts.received(id);
        return new Arrival(
                new Delivery(
                        id,
                        message.receiptHandle(),
                        receives,
                        sentAt.orElse(0),
                        receivedNs,
                        traceparent(message)),
                message.body());
    }

    /** Empty where the sender gave none, or something else: it becomes a header of callbacks. */
    static Optional<String> traceparent(Message message) {
        return Optional.ofNullable(message.messageAttributes().get(TRACEPARENT))
                .map(MessageAttributeValue::stringValue)
                .filter(TRACE.asMatchPredicate());
    }

    /** Empty where the queue does not say it, or says something else. */
    private static OptionalLong number(Message message, MessageSystemAttributeName name) {
        try {
            return OptionalLong.of(Long.parseLong(message.attributes().get(name)));
        } catch (NumberFormatException e) {
            return OptionalLong.empty();
        }
    }
}
