package dev.millrace.deliver;

import dev.millrace.deliver.BatchSink.Answers;
import dev.millrace.job.Message;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
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
    private static final int MAX_BYTES = 256 << 10;

    private final SnsClient client;
    private final String arn;
    private final BatchSink batches;

    /**
     * @param client for the topic's region, which its maker closes
     */
    public TopicSink(
            SnsClient client, String arn, WebhookSigner signer, Duration linger, int concurrent) {
        this.client = client;
        this.arn = arn;
        this.batches =
                new BatchSink(
                        new AwsRefusals(arn, "sns:Publish"),
                        MAX_BYTES,
                        signer,
                        linger,
                        concurrent,
                        this::send);
    }

    @Override
    public void send(Message message, byte[] body) throws IOException, InterruptedException {
        batches.send(message, body);
    }

    private void send(List<Marked> entries, Answers answers) {
        PublishBatchResponse response =
                client.publishBatch(
                        request ->
                                request.topicArn(arn)
                                        .publishBatchRequestEntries(
                                                IntStream.range(0, entries.size())
                                                        .mapToObj(i -> entry(i, entries.get(i)))
                                                        .toList()));
        for (BatchResultErrorEntry failed : response.failed()) {
            answers.refused(failed.id(), failed.code(), failed.message(), failed.senderFault());
        }
        response.successful().forEach(taken -> answers.taken(taken.id()));
    }

    private PublishBatchRequestEntry entry(int position, Marked one) {
        Map<String, MessageAttributeValue> attributes = new HashMap<>();
        one.marks()
                .forEach(
                        mark ->
                                attributes.put(
                                        mark.getFirst(),
                                        MessageAttributeValue.builder()
                                                .dataType(Marked.TYPE)
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
}
