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
    /** Of a message with its attributes, and of all in a call. */
    static final int MAX_BYTES = 1 << 20;

    /** An old queue takes less until its {@code MaximumMessageSize} is raised. */
    private static final String TOO_LARGE = "must be shorter than";

    private static final int OLD_MAX_BYTES = 256 << 10;

    private final SqsClient client;
    private final String url;
    private final WebhookSigner signer;
    private final AwsRefusals refusals;
    private final BatchedCalls<Marked> calls;

    /**
     * @param client for the queue's region, which its maker closes
     */
    public QueueSink(
            SqsClient client, String url, WebhookSigner signer, Duration linger, int concurrent) {
        this.client = client;
        this.url = url;
        this.signer = signer;
        this.refusals = new AwsRefusals(url, "sqs:SendMessage");
        this.calls = new BatchedCalls<>(linger, MAX_BYTES, concurrent, this::send);
    }

    @Override
    public void send(Message message, byte[] body) throws IOException, InterruptedException {
        Marked entry = Marked.of(message, body, signer);
        if (entry.bytes() > MAX_BYTES) {
            throw new ResultTooLargeException(url, body.length, MAX_BYTES - entry.extraBytes());
        }
        calls.send(entry, entry.bytes());
    }

    private List<Optional<IOException>> send(List<Marked> entries) {
        try {
            return answers(
                    entries,
                    client.sendMessageBatch(
                            request ->
                                    request.queueUrl(url)
                                            .entries(
                                                    IntStream.range(0, entries.size())
                                                            .mapToObj(i -> entry(i, entries.get(i)))
                                                            .toList())));
        } catch (BatchRequestTooLongException e) {
            return apart(entries);
        } catch (SdkException e) {
            return refusals.ofAll(entries.size(), e);
        }
    }

    /** A queue may take less in a call than SQS does. */
    private List<Optional<IOException>> apart(List<Marked> entries) {
        if (entries.size() == 1) {
            return List.of(Optional.of(tooLarge(entries.getFirst())));
        }
        List<Optional<IOException>> answers = new ArrayList<>(entries.size());
        int half = entries.size() / 2;
        answers.addAll(send(entries.subList(0, half)));
        answers.addAll(send(entries.subList(half, entries.size())));
        return answers;
    }

    private SendMessageBatchRequestEntry entry(int position, Marked one) {
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
        SendMessageBatchRequestEntry.Builder entry =
                SendMessageBatchRequestEntry.builder()
                        .id(Integer.toString(position))
                        .messageBody(one.body())
                        .messageAttributes(attributes);
        return url.endsWith(Marked.FIFO)
                ? entry.messageGroupId(one.group()).messageDeduplicationId(one.id()).build()
                : entry.build();
    }

    private List<Optional<IOException>> answers(
            List<Marked> entries, SendMessageBatchResponse response) {
        List<Optional<IOException>> answers = new ArrayList<>(entries.size());
        // Only what is confirmed has happened.
        entries.forEach(_ -> answers.add(Optional.of(refusals.unconfirmed())));
        for (BatchResultErrorEntry failed : response.failed()) {
            int position = Integer.parseInt(failed.id());
            String why = String.valueOf(failed.message());
            answers.set(
                    position,
                    Optional.of(
                            why.contains(TOO_LARGE)
                                    ? tooLarge(entries.get(position))
                                    : refusals.ofEntry(failed.code(), why, failed.senderFault())));
        }
        response.successful()
                .forEach(taken -> answers.set(Integer.parseInt(taken.id()), Optional.empty()));
        return answers;
    }

    private ResultTooLargeException tooLarge(Marked entry) {
        int limit = Math.min(OLD_MAX_BYTES, entry.bytes() - 1);
        return new ResultTooLargeException(
                url, entry.bytes() - entry.extraBytes(), limit - entry.extraBytes());
    }
}
