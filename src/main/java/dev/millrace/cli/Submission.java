package dev.millrace.cli;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.batch.BatchImage;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.function.Function;
import java.util.function.LongConsumer;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.BatchResultErrorEntry;
import software.amazon.awssdk.services.sqs.model.SendMessageBatchRequestEntry;
import software.amazon.awssdk.services.sqs.model.SendMessageBatchResponse;
import software.amazon.awssdk.services.sqs.model.SendMessageBatchResultEntry;

/**
 * Sends a message for each image, ten in a call, and writes down what became of each as soon as it
 * is known. After the first call some run beside each other, each on a virtual thread; one that
 * fails ends it, since the next would fail as well. Used by one thread.
 */
final class Submission implements AutoCloseable {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final int BATCH = 10;

    /** Of a call, as far as every server that speaks like SQS takes it. */
    private static final int BATCH_BYTES = 256 << 10;

    /** Calls beside each other, so that no round trip bounds the rate. */
    static final int CALLS = 8;

    private final SqsClient client;
    private final String queue;
    private final Optional<PrintWriter> ids;
    private final Function<SdkException, String> why;
    private final LongConsumer progress;
    private final Semaphore calls = new Semaphore(CALLS);
    private List<Entry> batch = new ArrayList<>();
    private int bytes;
    private boolean begun;

    // By the threads of the calls, under this object's monitor.
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
     * @param progress is told after each call how many are done with, by one thread at a time
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
    synchronized long sent() {
        return sent;
    }

    /** How many it did not take. */
    synchronized long refused() {
        return refused;
    }

    /** Why the first of the others were not taken. */
    synchronized Optional<String> refusal() {
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
            send();
        }
        batch.add(entry);
        bytes += more;
    }

    /** Sends what is left. */
    void flush() {
        if (!batch.isEmpty()) {
            send();
        }
    }

    /**
     * Waits until it is known what became of each that was sent; the client's time-outs bound it.
     */
    @Override
    public void close() {
        calls.acquireUninterruptibly(CALLS);
        calls.release(CALLS);
    }

    private void send() {
        List<Entry> call = batch;
        batch = new ArrayList<>();
        bytes = 0;
        if (!begun) {
            note(call, answer(call));
            begun = true;
            return;
        }
        calls.acquireUninterruptibly();
        Thread.ofVirtual()
                .name("submit")
                .start(
                        () -> {
                            try {
                                carry(call);
                            } finally {
                                calls.release();
                            }
                        });
    }

    private void carry(List<Entry> call) {
        if (!isDown()) {
            try {
                note(call, answer(call));
                return;
            } catch (SdkException e) {
                end(why.apply(e));
            } catch (RuntimeException e) {
                end(Failures.oneLine(e.toString()));
            }
        }
        giveUp(call);
    }

    private synchronized boolean isDown() {
        return down;
    }

    private synchronized void end(String reason) {
        down = true;
        refusal = refusal.or(() -> Optional.of(reason));
    }

    private synchronized void giveUp(List<Entry> call) {
        call.forEach(entry -> refused(entry.image, refusal.orElseThrow()));
        progress.accept(sent + refused);
    }

    private SendMessageBatchResponse answer(List<Entry> call) {
        List<SendMessageBatchRequestEntry> entries = new ArrayList<>();
        for (Entry entry : call) {
            entries.add(
                    SendMessageBatchRequestEntry.builder()
                            .id(Integer.toString(entries.size()))
                            .messageBody(entry.body)
                            .build());
        }
        return client.sendMessageBatch(request -> request.queueUrl(queue).entries(entries));
    }

    private synchronized void note(List<Entry> call, SendMessageBatchResponse response) {
        for (SendMessageBatchResultEntry entry : response.successful()) {
            sent++;
            BatchImage image = call.get(Integer.parseInt(entry.id())).image;
            String id = image.id().orElse(entry.messageId());
            write(JSON.createObjectNode().put("id", id).put("url", image.url()));
        }
        for (BatchResultErrorEntry entry : response.failed()) {
            refused(
                    call.get(Integer.parseInt(entry.id())).image,
                    Failures.oneLine(entry.code() + ": " + entry.message()));
        }
        progress.accept(sent + refused);
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
