package dev.millrace.deliver;

import dev.millrace.deliver.BatchSink.Answers;
import dev.millrace.job.Message;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.BatchRequestTooLongException;
import software.amazon.awssdk.services.sqs.model.BatchResultErrorEntry;
import software.amazon.awssdk.services.sqs.model.MessageAttributeValue;
import software.amazon.awssdk.services.sqs.model.SendMessageBatchRequestEntry;
import software.amazon.awssdk.services.sqs.model.SendMessageBatchResponse;

/**
 * Sends results to one SQS queue, ten in a call. What a callback has as headers are attributes of
 * the message. Thread-safe.
 */
public final class QueueSink implements ResultSink {
    private static final int MAX_BYTES = 1 << 20;

    /** An old queue takes less until its {@code MaximumMessageSize} is raised. */
    private static final String TOO_LARGE = "must be shorter than";

    private static final int OLD_MAX_BYTES = 256 << 10;

    private final SqsClient client;
    private final String url;
    private final BatchSink batches;

    /**
     * @param client for the queue's region, which its maker closes
     */
    public QueueSink(
            SqsClient client, String url, WebhookSigner signer, Duration linger, int concurrent) {
        this.client = client;
        this.url = url;
        this.batches =
                new BatchSink(
                        new AwsRefusals(url, "sqs:SendMessage"),
                        MAX_BYTES,
                        signer,
                        linger,
                        concurrent,
                        (entries, answers) -> send(entries, 0, entries.size(), answers));
    }

    @Override
    public void send(Message message, byte[] body) throws IOException, InterruptedException {
        batches.send(message, body);
    }

    /** A queue may take less in a call than SQS does: then in halves. */
    private void send(List<Marked> entries, int from, int to, Answers answers) {
        try {
            SendMessageBatchResponse response =
                    client.sendMessageBatch(
                            request ->
                                    request.queueUrl(url)
                                            .entries(
                                                    IntStream.range(from, to)
                                                            .mapToObj(i -> entry(i, entries.get(i)))
                                                            .toList()));
            note(entries, response, answers);
        } catch (BatchRequestTooLongException e) {
            if (to - from == 1) {
                answers.refused(Integer.toString(from), tooLarge(entries.get(from)));
                return;
            }
            int half = (from + to) / 2;
            send(entries, from, half, answers);
            send(entries, half, to, answers);
        }
    }

    private SendMessageBatchRequestEntry entry(int position, Marked one) {
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
        SendMessageBatchRequestEntry.Builder entry =
                SendMessageBatchRequestEntry.builder()
                        .id(Integer.toString(position))
                        .messageBody(one.body())
                        .messageAttributes(attributes);
        return url.endsWith(Marked.FIFO)
                ? entry.messageGroupId(one.group()).messageDeduplicationId(one.id()).build()
                : entry.build();
    }

    private void note(List<Marked> entries, SendMessageBatchResponse response, Answers answers) {
        for (BatchResultErrorEntry failed : response.failed()) {
            Optional<Marked> entry = entry(entries, failed.id());
            if (entry.isPresent() && String.valueOf(failed.message()).contains(TOO_LARGE)) {
                answers.refused(failed.id(), tooLarge(entry.get()));
            } else {
                answers.refused(failed.id(), failed.code(), failed.message(), failed.senderFault());
            }
        }
        response.successful().forEach(taken -> answers.taken(taken.id()));
    }

    private static Optional<Marked> entry(List<Marked> entries, String id) {
        for (int i = 0; i < entries.size(); i++) {
            if (Integer.toString(i).equals(id)) {
                return Optional.of(entries.get(i));
            }
        }
        return Optional.empty();
    }

    private ResultTooLargeException tooLarge(Marked entry) {
        int limit = Math.min(OLD_MAX_BYTES, entry.bytes() - 1);
        return new ResultTooLargeException(
                url, entry.bytes() - entry.extraBytes(), limit - entry.extraBytes());
    }
}
