package dev.millrace.lab.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.lab.demo.LocalQueue;
import dev.millrace.source.QueueSettings;
import dev.millrace.source.SqsClients;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import org.HdrHistogram.Histogram;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.Message;

/**
 * What the queue alone takes: from the moment for which a message is scheduled until a receiver
 * that does nothing else has it. No worker can be faster than this.
 */
final class QueueFloor {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int RECEIVERS = 3;
    private static final int BATCH = 10;

    private final QueueSettings queue;
    private final ResultSink sink;
    private volatile Histogram histogram = Latencies.histogram();
    private volatile boolean stopped;

    QueueFloor(QueueSettings queue, ResultSink sink) {
        this.queue = queue;
        this.sink = sink;
    }

    /** Receives for so long; what comes in the first half warms up and does not count. */
    void measure(long nanos, ObjectNode json) throws InterruptedException {
        try (SqsClient client = SqsClients.create(queue)) {
            List<Thread> receivers = new ArrayList<>();
            for (int i = 0; i < RECEIVERS; i++) {
                receivers.add(
                        Thread.ofPlatform()
                                .name("bench-floor-" + i)
                                .daemon()
                                .start(() -> receive(client)));
            }
            Pauses.sleep(nanos / 2);
            histogram = Latencies.histogram();
            Pauses.sleep(nanos / 2);
            stopped = true;
            Latencies.percentiles(histogram, json);
            for (Thread receiver : receivers) {
                receiver.join();
            }
        }
    }

    private void receive(SqsClient client) {
        while (!stopped) {
            List<Message> messages =
                    client.receiveMessage(
                                    request ->
                                            request.queueUrl(queue.url())
                                                    .maxNumberOfMessages(BATCH)
                                                    .waitTimeSeconds(1))
                            .messages();
            long nowNs = System.nanoTime();
            for (Message message : messages) {
                sink.scheduledNs(id(message))
                        .ifPresent(atNs -> histogram.recordValue(Latencies.within(nowNs - atNs)));
            }
            if (!messages.isEmpty()) {
                LocalQueue.delete(client, queue.url(), messages);
            }
        }
    }

    private static String id(Message message) {
        try {
            return JSON.readTree(message.body()).path("id").asText();
        } catch (IOException e) {
            throw new UncheckedIOException("a message of the bench cannot be read", e);
        }
    }
}
