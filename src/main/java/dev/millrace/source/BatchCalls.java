package dev.millrace.source;

import dev.millrace.job.Message;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import software.amazon.awssdk.awscore.AwsRequestOverrideConfiguration;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.BatchResultErrorEntry;
import software.amazon.awssdk.services.sqs.model.ChangeMessageVisibilityBatchRequestEntry;
import software.amazon.awssdk.services.sqs.model.ChangeMessageVisibilityBatchResponse;
import software.amazon.awssdk.services.sqs.model.DeleteMessageBatchRequestEntry;
import software.amazon.awssdk.services.sqs.model.DeleteMessageBatchResponse;

/**
 * The queue's batch calls. Each returns why entries were refused, by position, and throws what the
 * client throws when the call as a whole failed. An entry's id is its position: the same message id
 * can be in one batch twice, by two receipts.
 */
record BatchCalls(SqsClient client, String url) {
    /** Entries per call at most. */
    static final int SIZE = 10;

    /** After which a call ends, whatever the queue does. */
    static final Duration MAX = Duration.ofSeconds(5);

    private static final AwsRequestOverrideConfiguration PROMPT =
            AwsRequestOverrideConfiguration.builder()
                    .apiCallAttemptTimeout(Duration.ofSeconds(3))
                    .apiCallTimeout(MAX)
                    .build();

    /** Tells of outcomes that are all of one kind. */
    Map<Integer, String> tell(List<PendingOutcome> batch) {
        List<Message> messages = batch.stream().map(one -> one.message).toList();
        return batch.getFirst().isRetry()
                ? changeVisibility(
                        messages, batch.stream().map(PendingOutcome::pauseSeconds).toList())
                : delete(messages);
    }

    private Map<Integer, String> delete(List<Message> messages) {
        List<DeleteMessageBatchRequestEntry> entries = new ArrayList<>(messages.size());
        for (int i = 0; i < messages.size(); i++) {
            entries.add(
                    DeleteMessageBatchRequestEntry.builder()
                            .id(Integer.toString(i))
                            .receiptHandle(messages.get(i).delivery().receiptHandle())
                            .build());
        }
        DeleteMessageBatchResponse response =
                client.deleteMessageBatch(
                        request ->
                                request.queueUrl(url)
                                        .entries(entries)
                                        .overrideConfiguration(PROMPT));
        return refused(
                messages.size(),
                response.successful().stream().map(entry -> entry.id()).toList(),
                response.failed());
    }

    /**
     * @param seconds from now until each message is visible again
     */
    Map<Integer, String> changeVisibility(List<Message> messages, List<Integer> seconds) {
        List<ChangeMessageVisibilityBatchRequestEntry> entries = new ArrayList<>(messages.size());
        for (int i = 0; i < messages.size(); i++) {
            entries.add(
                    ChangeMessageVisibilityBatchRequestEntry.builder()
                            .id(Integer.toString(i))
                            .receiptHandle(messages.get(i).delivery().receiptHandle())
                            .visibilityTimeout(seconds.get(i))
                            .build());
        }
        ChangeMessageVisibilityBatchResponse response =
                client.changeMessageVisibilityBatch(
                        request ->
                                request.queueUrl(url)
                                        .entries(entries)
                                        .overrideConfiguration(PROMPT));
        return refused(
                messages.size(),
                response.successful().stream().map(entry -> entry.id()).toList(),
                response.failed());
    }

    private static Map<Integer, String> refused(
            int size, List<String> successful, List<BatchResultErrorEntry> failed) {
        Map<Integer, String> refused = new HashMap<>();
        // Only what is confirmed has happened.
        for (int i = 0; i < size; i++) {
            refused.put(i, "the queue's answer leaves it out");
        }
        for (BatchResultErrorEntry entry : failed) {
            refused.put(Integer.valueOf(entry.id()), entry.code() + ": " + entry.message());
        }
        successful.forEach(id -> refused.remove(Integer.valueOf(id)));
        return refused;
    }
}
