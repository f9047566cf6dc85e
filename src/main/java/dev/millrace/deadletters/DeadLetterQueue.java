package dev.millrace.deadletters;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.ChangeMessageVisibilityBatchRequestEntry;
import software.amazon.awssdk.services.sqs.model.DeleteMessageBatchRequestEntry;
import software.amazon.awssdk.services.sqs.model.DeleteMessageBatchResultEntry;
import software.amazon.awssdk.services.sqs.model.Message;
import software.amazon.awssdk.services.sqs.model.MessageSystemAttributeName;
import software.amazon.awssdk.services.sqs.model.QueueAttributeName;
import software.amazon.awssdk.services.sqs.model.ReceiveMessageRequest;
import software.amazon.awssdk.services.sqs.model.SendMessageBatchRequestEntry;
import software.amazon.awssdk.services.sqs.model.SendMessageBatchResultEntry;

/**
 * The calls of a dead letter queue and of the queue that its messages go back to. Each throws what
 * the client throws where it failed as a whole.
 *
 * @param url of the dead letter queue
 * @param source URL of the other
 */
public record DeadLetterQueue(SqsClient client, String url, String source) {
    /** Messages in one call at most. */
    static final int BATCH = 10;

    private static final int WAIT_SECONDS = 1;
    private static final JsonMapper JSON = JsonMapper.builder().build();

    /** What the queue says of itself; approximate. */
    public record Counts(long visible, long hidden) {}

    /**
     * The URL of the dead letter queue of a queue, by its redrive policy; empty where it has none.
     * Both are of one account and one region, so the name is all that differs.
     */
    public static Optional<String> of(SqsClient client, String source) {
        String policy =
                client.getQueueAttributes(
                                request ->
                                        request.queueUrl(source)
                                                .attributeNames(QueueAttributeName.REDRIVE_POLICY))
                        .attributes()
                        .get(QueueAttributeName.REDRIVE_POLICY);
        try {
            String arn =
                    policy == null
                            ? ""
                            : JSON.readTree(policy).path("deadLetterTargetArn").asText();
            String name = arn.substring(arn.lastIndexOf(':') + 1);
            return name.isEmpty()
                    ? Optional.empty()
                    : Optional.of(source.substring(0, source.lastIndexOf('/') + 1) + name);
        } catch (JsonProcessingException e) {
            return Optional.empty();
        }
    }

    public Counts counts() {
        Map<QueueAttributeName, String> attributes =
                client.getQueueAttributes(
                                request ->
                                        request.queueUrl(url)
                                                .attributeNames(
                                                        QueueAttributeName
                                                                .APPROXIMATE_NUMBER_OF_MESSAGES,
                                                        QueueAttributeName
                                                                .APPROXIMATE_NUMBER_OF_MESSAGES_NOT_VISIBLE))
                        .attributes();
        return new Counts(
                number(attributes, QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES),
                number(attributes, QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES_NOT_VISIBLE));
    }

    private static long number(Map<QueueAttributeName, String> attributes, QueueAttributeName of) {
        return Long.parseLong(attributes.getOrDefault(of, "0"));
    }

    /** Receives up to ten messages with all that they have, and hides them. */
    List<Message> receive(int hideSeconds) {
        return client.receiveMessage(request -> ask(request, hideSeconds)).messages();
    }

    /** By the name of today, and by the one before it, which is all that older servers know. */
    @SuppressWarnings("deprecation")
    private void ask(ReceiveMessageRequest.Builder request, int hideSeconds) {
        request.queueUrl(url)
                .maxNumberOfMessages(BATCH)
                .waitTimeSeconds(WAIT_SECONDS)
                .visibilityTimeout(hideSeconds)
                .messageAttributeNames("All")
                .messageSystemAttributeNames(MessageSystemAttributeName.ALL)
                .attributeNamesWithStrings("All");
    }

    /** Hides messages for so long from now on, by their receipts; says how many it did. */
    int hide(List<String> receipts, int seconds) {
        List<ChangeMessageVisibilityBatchRequestEntry> entries =
                entries(
                        receipts,
                        (id, receipt) ->
                                ChangeMessageVisibilityBatchRequestEntry.builder()
                                        .id(id)
                                        .receiptHandle(receipt)
                                        .visibilityTimeout(seconds)
                                        .build());
        return client.changeMessageVisibilityBatch(
                        request -> request.queueUrl(url).entries(entries))
                .successful()
                .size();
    }

    /**
     * Sends messages to the source queue as they are.
     *
     * @return the new ids of those that it took, by their position
     */
    Map<Integer, String> send(List<DeadLetter> letters) {
        List<SendMessageBatchRequestEntry> entries =
                entries(
                        letters,
                        (id, letter) ->
                                SendMessageBatchRequestEntry.builder()
                                        .id(id)
                                        .messageBody(letter.message().body())
                                        .messageAttributes(letter.message().messageAttributes())
                                        .build());
        Map<Integer, String> taken = new HashMap<>();
        for (SendMessageBatchResultEntry entry :
                client.sendMessageBatch(request -> request.queueUrl(source).entries(entries))
                        .successful()) {
            taken.put(Integer.parseInt(entry.id()), entry.messageId());
        }
        return taken;
    }

    /** Deletes messages from the dead letter queue; gives those that it did. */
    List<DeadLetter> delete(List<DeadLetter> letters) {
        List<DeleteMessageBatchRequestEntry> entries =
                entries(
                        letters,
                        (id, letter) ->
                                DeleteMessageBatchRequestEntry.builder()
                                        .id(id)
                                        .receiptHandle(letter.message().receiptHandle())
                                        .build());
        return client
                .deleteMessageBatch(request -> request.queueUrl(url).entries(entries))
                .successful()
                .stream()
                .map(DeleteMessageBatchResultEntry::id)
                .map(id -> letters.get(Integer.parseInt(id)))
                .toList();
    }

    /** An entry's id is its position. */
    private static <T, E> List<E> entries(List<T> all, BiFunction<String, T, E> entry) {
        List<E> entries = new ArrayList<>(all.size());
        for (T one : all) {
            entries.add(entry.apply(Integer.toString(entries.size()), one));
        }
        return entries;
    }
}
