package dev.millrace.cli;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.BatchResultErrorEntry;
import software.amazon.awssdk.services.sqs.model.SendMessageBatchRequestEntry;
import software.amazon.awssdk.services.sqs.model.SendMessageBatchResponse;
import software.amazon.awssdk.services.sqs.model.SendMessageBatchResultEntry;

/**
 * Sends a message for each URL, ten in a call, and writes down what became of each. A call that
 * fails ends it, since the next would fail as well.
 */
final class Submission {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final int BATCH = 10;

    private final SqsClient client;
    private final String queue;
    private final Optional<PrintWriter> ids;
    private int sent;
    private Optional<String> refusal = Optional.empty();

    /**
     * @param ids gets a line of JSON for each message: {@code id} and {@code url}, or {@code url}
     *     and {@code error} where it was not sent
     */
    Submission(SqsClient client, String queue, Optional<PrintWriter> ids) {
        this.client = client;
        this.queue = queue;
        this.ids = ids;
    }

    /** How many messages the queue took. */
    int sent() {
        return sent;
    }

    /** Why the first of the others were not taken. */
    Optional<String> refusal() {
        return refusal;
    }

    /**
     * Sends all, or as many as it can.
     *
     * @param body of the message for a URL
     * @throws SdkException where the queue took no call at all
     */
    void send(
            List<String> urls, Function<String, String> body, Function<SdkException, String> why) {
        for (int from = 0; from < urls.size(); from += BATCH) {
            List<String> batch = urls.subList(from, Math.min(from + BATCH, urls.size()));
            try {
                send(batch, body);
            } catch (SdkException e) {
                if (from == 0) {
                    throw e;
                }
                urls.subList(from, urls.size()).forEach(url -> refused(url, why.apply(e)));
                return;
            }
        }
    }

    private void send(List<String> urls, Function<String, String> body) {
        List<SendMessageBatchRequestEntry> entries = new ArrayList<>();
        for (int i = 0; i < urls.size(); i++) {
            entries.add(
                    SendMessageBatchRequestEntry.builder()
                            .id(Integer.toString(i))
                            .messageBody(body.apply(urls.get(i)))
                            .build());
        }
        SendMessageBatchResponse response =
                client.sendMessageBatch(request -> request.queueUrl(queue).entries(entries));
        for (SendMessageBatchResultEntry entry : response.successful()) {
            sent++;
            String url = urls.get(Integer.parseInt(entry.id()));
            write(JSON.createObjectNode().put("id", entry.messageId()).put("url", url));
        }
        for (BatchResultErrorEntry entry : response.failed()) {
            refused(
                    urls.get(Integer.parseInt(entry.id())),
                    Failures.oneLine(entry.code() + ": " + entry.message()));
        }
    }

    private void refused(String url, String why) {
        if (refusal.isEmpty()) {
            refusal = Optional.of(why);
        }
        write(JSON.createObjectNode().put("url", url).put("error", why));
    }

    private void write(ObjectNode line) {
        // Whatever ends the process, what was sent is written down.
        ids.ifPresent(
                file -> {
                    file.println(line);
                    file.flush();
                });
    }
}
