package dev.millrace.source;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.GetQueueAttributesResponse;
import software.amazon.awssdk.services.sqs.model.QueueAttributeName;
import software.amazon.awssdk.services.sqs.model.SqsException;

/**
 * Asks the queue for its state, twice where it does not answer.
 *
 * @param patience with one attempt
 */
public record QueueProbe(SqsClient client, QueueSettings settings, Duration patience) {
    private static final int ATTEMPTS = 2;

    /** A fresh process on a busy machine takes seconds for its first call. */
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private static final JsonMapper JSON = JsonMapper.builder().build();

    /** With 5 s for each attempt. */
    public QueueProbe(SqsClient client, QueueSettings settings) {
        this(client, settings, PATIENCE);
    }

    /**
     * The state of the queue now.
     *
     * @throws QueueUnavailableException when the queue cannot be used with these settings
     */
    public QueueStatus describe() throws QueueUnavailableException {
        Map<QueueAttributeName, String> attributes = attributes().attributes();
        return new QueueStatus(
                number(attributes, QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES),
                number(attributes, QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES_NOT_VISIBLE),
                number(attributes, QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES_DELAYED),
                maxReceiveCount(attributes.get(QueueAttributeName.REDRIVE_POLICY)),
                said(attributes, QueueAttributeName.MESSAGE_RETENTION_PERIOD)
                        .map(Duration::ofSeconds),
                said(attributes, QueueAttributeName.MAXIMUM_MESSAGE_SIZE));
    }

    private GetQueueAttributesResponse attributes() throws QueueUnavailableException {
        try {
            return client.getQueueAttributes(
                    request ->
                            request.queueUrl(settings.url())
                                    .attributeNames(QueueAttributeName.ALL)
                                    .overrideConfiguration(
                                            call ->
                                                    call.apiCallAttemptTimeout(patience)
                                                            .apiCallTimeout(
                                                                    patience.multipliedBy(
                                                                            ATTEMPTS))));
        } catch (SdkException e) {
            throw new QueueUnavailableException(
                    QueueRefusal.line(e, settings, QueueRefusal.Words.OF_A_WORKER), denied(e), e);
        }
    }

    /** Other refusals are about who asks: no call of theirs would be answered. */
    private static String denied(SdkException failure) {
        return failure instanceof SqsException e
                        && e.statusCode() == 403
                        && e.awsErrorDetails().errorCode() != null
                        && e.awsErrorDetails().errorCode().startsWith("AccessDenied")
                ? e.awsErrorDetails().errorCode()
                : null;
    }

    private static long number(Map<QueueAttributeName, String> attributes, QueueAttributeName of) {
        return Long.parseLong(attributes.getOrDefault(of, "0"));
    }

    /** Servers that are not AWS leave it out. */
    private static Optional<Long> said(
            Map<QueueAttributeName, String> attributes, QueueAttributeName of) {
        return Optional.of(number(attributes, of)).filter(n -> n > 0);
    }

    private static OptionalInt maxReceiveCount(String redrivePolicy) {
        if (redrivePolicy == null) {
            return OptionalInt.empty();
        }
        try {
            // AWS writes it as a number or as a string, as it was set.
            int count = JSON.readTree(redrivePolicy).path("maxReceiveCount").asInt();
            return count > 0 ? OptionalInt.of(count) : OptionalInt.empty();
        } catch (JsonProcessingException e) {
            return OptionalInt.empty();
        }
    }
}
