package dev.millrace.cli;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.batch.BatchImage;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.LongConsumer;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.BatchResultErrorEntry;
import software.amazon.awssdk.services.sqs.model.SendMessageBatchRequestEntry;
import software.amazon.awssdk.services.sqs.model.SendMessageBatchResponse;
import software.amazon.awssdk.services.sqs.model.SendMessageBatchResultEntry;

/**
 * Sends a message for each image, ten in a call, and writes down what became of each. A call that
 * fails ends it, since the next would fail as well. Used by one thread.
 */
final class Submission {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final int BATCH = 10;

    /** Of a call, as far as every server that speaks like SQS takes it. */
    private static final int BATCH_BYTES = 256 << 10;

    private final SqsClient client;
    private final String queue;
    private final Optional<PrintWriter> ids;
    private final Function<SdkException, String> why;
    private final LongConsumer progress;
    private final List<Entry> batch = new ArrayList<>();
    private int bytes;
    private boolean down;
    private long sent;
    private long refused;
    private Optional<String> refusal = Optional.empty();

    /** An image and the body of its message. */
    private record Entry(BatchImage image, String body) {
        int bytes() {
            return body.getBytes(StandardCharsets.UTF_8).length;
        }
    }

    /**
     * @param ids gets a line of JSON for each message: {@code id} and {@code url}, or {@code url}
     *     and {@code error} where it was not sent
     * @param why the queue does not answer
     * @param progress is told after each call how many are done with
     */
    Submission(
            SqsClient client,
            String queue,
            Optional<PrintWriter> ids,
            Function<SdkException, String> why,
            LongConsumer progress) {
        this.client = client;
        this.queue = queue;
        this.ids = ids;
        this.why = why;
        this.progress = progress;
    }

    /** How many messages the queue took. */
    long sent() {
        return sent;
    }

    /** How many it did not take. */
    long refused() {
        return refused;
    }

    /** Why the first of the others were not taken. */
    Optional<String> refusal() {
        return refusal;
    }

    /**
     * Sends an image's message with those before it and after it.
     *
     * @throws SdkException where the queue took no call at all
     */
    void add(BatchImage image, String body) {
        Entry entry = new Entry(image, body);
        int more = entry.bytes();
        if (batch.size() == BATCH || !batch.isEmpty() && bytes + more > BATCH_BYTES) {
            flush();
        }
        batch.add(entry);
        bytes += more;
    }

    /** Sends what is left, or says of it that the queue does not answer. */
    void flush() {
        try {
            if (!down && !batch.isEmpty()) {
                send();
            }
        } catch (SdkException e) {
            if (sent + refused == 0) {
                throw e;
            }
            down = true;
            refusal = refusal.or(() -> Optional.of(why.apply(e)));
        }
        if (down) {
            batch.forEach(entry -> refused(entry.image, refusal.orElseThrow()));
        }
        batch.clear();
        bytes = 0;
        progress.accept(sent + refused);
    }

    private void send() {
        List<SendMessageBatchRequestEntry> entries = new ArrayList<>();
        for (int i = 0; i < batch.size(); i++) {
            entries.add(
                    SendMessageBatchRequestEntry.builder()
                            .id(Integer.toString(i))
                            .messageBody(batch.get(i).body)
                            .build());
        }
        SendMessageBatchResponse response =
                client.sendMessageBatch(request -> request.queueUrl(queue).entries(entries));
        for (SendMessageBatchResultEntry entry : response.successful()) {
            sent++;
            BatchImage image = batch.get(Integer.parseInt(entry.id())).image;
            String id = image.id().orElse(entry.messageId());
            write(JSON.createObjectNode().put("id", id).put("url", image.url()));
        }
        for (BatchResultErrorEntry entry : response.failed()) {
            refused(
                    batch.get(Integer.parseInt(entry.id())).image,
                    Failures.oneLine(entry.code() + ": " + entry.message()));
        }
    }

    private void refused(BatchImage image, String why) {
        refused++;
        if (refusal.isEmpty()) {
            refusal = Optional.of(why);
        }
        write(JSON.createObjectNode().put("url", image.url()).put("error", why));
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
