package dev.millrace.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.DeleteMessageBatchRequestEntry;
import software.amazon.awssdk.services.sqs.model.Message;

/**
 * Waits at a queue for the results of what was sent, and prints each as a line of JSON. What
 * belongs to others is left in the queue. Used by one thread.
 */
final class ResultQueue {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final int BATCH = 10;
    private static final int WAIT_SECONDS = 1;

    /** Others wait as long for theirs, and so does this one for an answer that was lost. */
    private static final int HIDDEN_SECONDS = 5;

    private final SqsClient client;
    private final String url;
    private final PrintWriter out;
    private final Set<String> missing;
    private final Set<String> came = new HashSet<>();
    private long failed;

    /**
     * @param missing ids of the results that have to come, from which it takes those that came
     */
    ResultQueue(SqsClient client, String url, PrintWriter out, Set<String> missing) {
        this.client = client;
        this.url = url;
        this.out = out;
        this.missing = missing;
    }

    /** Of the results that came, those that have an error. */
    long failed() {
        return failed;
    }

    /**
     * Waits until all are there, or none has come for so long.
     *
     * @throws SdkException where the queue cannot be asked
     */
    void await(Duration patience, Runnable progress) {
        long lastNs = System.nanoTime();
        while (!missing.isEmpty() && System.nanoTime() - lastNs < patience.toNanos()) {
            List<Message> messages =
                    client.receiveMessage(
                                    request ->
                                            request.queueUrl(url)
                                                    .maxNumberOfMessages(BATCH)
                                                    .visibilityTimeout(HIDDEN_SECONDS)
                                                    .waitTimeSeconds(WAIT_SECONDS))
                            .messages();
            List<DeleteMessageBatchRequestEntry> taken = new ArrayList<>();
            for (Message message : messages) {
                if (isOurs(message)) {
                    taken.add(
                            DeleteMessageBatchRequestEntry.builder()
                                    .id(Integer.toString(taken.size()))
                                    .receiptHandle(message.receiptHandle())
                                    .build());
                }
            }
            if (!taken.isEmpty()) {
                out.flush();
                client.deleteMessageBatch(request -> request.queueUrl(url).entries(taken));
                lastNs = System.nanoTime();
            }
            progress.run();
        }
    }

    /** Prints the result where it is one that is waited for; a copy of it is ours as well. */
    private boolean isOurs(Message message) {
        Optional<JsonNode> result = read(message.body());
        String id = result.map(one -> one.path("id").asText()).orElse("");
        if (missing.remove(id)) {
            came.add(id);
            if (!result.get().path("status").asText().equals("ok")) {
                failed++;
            }
            // Line ends stand between the values of metadata, and nowhere within them.
            out.println(message.body().replace('\n', ' ').replace('\r', ' '));
            return true;
        }
        return came.contains(id);
    }

    private static Optional<JsonNode> read(String body) {
        try {
            return Optional.of(JSON.readTree(body));
        } catch (JsonProcessingException e) {
            return Optional.empty();
        }
    }
}
