package dev.millrace.deliver;

import dev.millrace.job.Message;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.sns.SnsClient;
import software.amazon.awssdk.services.sns.model.BatchResultErrorEntry;
import software.amazon.awssdk.services.sns.model.MessageAttributeValue;
import software.amazon.awssdk.services.sns.model.PublishBatchRequestEntry;
import software.amazon.awssdk.services.sns.model.PublishBatchResponse;

/**
 * Publishes results to one SNS topic, ten in a call. What a callback has as headers are attributes
 * of the message. Thread-safe.
 */
public final class TopicSink implements ResultSink {
    /** Of a message with its attributes, and of all in a call. */
    static final int MAX_BYTES = 256 << 10;

    private final SnsClient client;
    private final String arn;
    private final WebhookSigner signer;
    private final AwsRefusals refusals;
    private final BatchedCalls<Marked> calls;

    /**
     * @param client for the topic's region, which its maker closes
     */
    public TopicSink(
            SnsClient client, String arn, WebhookSigner signer, Duration linger, int concurrent) {
        this.client = client;
        this.arn = arn;
        this.signer = signer;
        this.refusals = new AwsRefusals(arn, "sns:Publish");
        this.calls = new BatchedCalls<>(linger, MAX_BYTES, concurrent, this::send);
    }

    @Override
    public void send(Message message, byte[] body) throws IOException, InterruptedException {
        Marked entry = Marked.of(message, body, signer);
        if (entry.bytes() > MAX_BYTES) {
            throw new ResultTooLargeException(arn, body.length, MAX_BYTES - entry.extraBytes());
        }
        calls.send(entry, entry.bytes());
    }

    private List<Optional<IOException>> send(List<Marked> entries) {
        try {
            return answers(
                    entries.size(),
                    client.publishBatch(
                            request ->
                                    request.topicArn(arn)
                                            .publishBatchRequestEntries(
                                                    IntStream.range(0, entries.size())
                                                            .mapToObj(i -> entry(i, entries.get(i)))
                                                            .toList())));
        } catch (SdkException e) {
            return refusals.ofAll(entries.size(), e);
        }
    }

    private PublishBatchRequestEntry entry(int position, Marked one) {
        Map<String, MessageAttributeValue> attributes = new HashMap<>();
        one.marks()
                .forEach(
                        mark ->
                                attributes.put(
                                        mark.getFirst(),
                                        MessageAttributeValue.builder()
                                                .dataType("String")
                                                .stringValue(mark.getSecond())
                                                .build()));
        PublishBatchRequestEntry.Builder entry =
                PublishBatchRequestEntry.builder()
                        .id(Integer.toString(position))
                        .message(one.body())
                        .messageAttributes(attributes);
        return arn.endsWith(Marked.FIFO)
                ? entry.messageGroupId(one.group()).messageDeduplicationId(one.id()).build()
                : entry.build();
    }

    private List<Optional<IOException>> answers(int entries, PublishBatchResponse response) {
        List<Optional<IOException>> answers = new ArrayList<>(entries);
        // Only what is confirmed has happened.
        for (int i = 0; i < entries; i++) {
            answers.add(Optional.of(refusals.unconfirmed()));
        }
        for (BatchResultErrorEntry failed : response.failed()) {
            answers.set(
                    Integer.parseInt(failed.id()),
                    Optional.of(
                            refusals.ofEntry(
                                    failed.code(),
                                    String.valueOf(failed.message()),
                                    failed.senderFault())));
        }
        response.successful()
                .forEach(taken -> answers.set(Integer.parseInt(taken.id()), Optional.empty()));
        return answers;
    }
}
