package dev.millrace.source;

import dev.millrace.job.Delivery;
import dev.millrace.job.TraceParent;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicBoolean;
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

    private static final MessageSystemAttributeName AWS_TRACE =
            MessageSystemAttributeName.AWS_TRACE_HEADER;

    private static final Logger LOG = LoggerFactory.getLogger(ReceiveCall.class);

    private final SqsClient client;
    private final QueueSettings settings;
    private final ReceiveCounts counts = new ReceiveCounts();
    private final AtomicBoolean missed = new AtomicBoolean();

    /**
     * A message as the queue gave it.
     *
     * @param sender where in a trace it was sent, where its attributes say so
     */
    record Arrival(Delivery delivery, Optional<TraceParent> sender, String body) {}

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
                .messageSystemAttributeNames(RECEIVE_COUNT, SENT_AT, AWS_TRACE)
                .messageAttributeNames(TraceParent.HEADER, TraceParent.STATE_HEADER)
                .attributeNamesWithStrings(
                        RECEIVE_COUNT.toString(), SENT_AT.toString(), AWS_TRACE.toString());
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
                new Delivery(id, message.receiptHandle(), receives, sentAt.orElse(0), receivedNs),
                sender(message),
                message.body());
    }

    /** By the sender's own attributes, or else by X-Ray's, which AWS's services set. */
    static Optional<TraceParent> sender(Message message) {
        return TraceParent.parse(
                        attribute(message, TraceParent.HEADER),
                        attribute(message, TraceParent.STATE_HEADER))
                .or(() -> TraceParent.ofAws(message.attributes().get(AWS_TRACE)));
    }

    private static String attribute(Message message, String name) {
        MessageAttributeValue value = message.messageAttributes().get(name);
        return value == null ? null : value.stringValue();
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
