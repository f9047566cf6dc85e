package dev.millrace.testing;

import dev.millrace.source.QueueProbe;
import dev.millrace.source.QueueSettings;
import dev.millrace.source.QueueStatus;
import dev.millrace.source.QueueUnavailableException;
import dev.millrace.source.SqsClients;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.elasticmq.rest.sqs.SQSRestServer;
import org.elasticmq.rest.sqs.SQSRestServerBuilder;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.Message;
import software.amazon.awssdk.services.sqs.model.QueueAttributeName;
import software.amazon.awssdk.services.sqs.model.SendMessageBatchRequestEntry;

/**
 * A queue with a dead letter queue, in a server of its own on a free port of 127.0.0.1. The server
 * forgets everything when it stops.
 */
public final class TestQueue implements AutoCloseable {
    private static final int BATCH = 10;

    private final int port;
    private final int maxReceives;
    private final SqsClient client;
    private SQSRestServer server;

    /**
     * @param maxReceives after which the queue moves a message to the dead letter queue
     */
    public TestQueue(int maxReceives) {
        this.maxReceives = maxReceives;
        this.server = SQSRestServerBuilder.withInterface("127.0.0.1").withDynamicPort().start();
        this.port = server.waitUntilStarted().localAddress().getPort();
        this.client = SqsClients.create(settings(Duration.ofSeconds(30)));
        createQueues();
    }

    private void createQueues() {
        String deadLetters = create("dead-letters", Map.of());
        String arn =
                client.getQueueAttributes(
                                request ->
                                        request.queueUrl(deadLetters)
                                                .attributeNames(QueueAttributeName.QUEUE_ARN))
                        .attributes()
                        .get(QueueAttributeName.QUEUE_ARN);
        create(
                "images",
                Map.of(
                        QueueAttributeName.REDRIVE_POLICY,
                        "{\"deadLetterTargetArn\":\"%s\",\"maxReceiveCount\":%d}"
                                .formatted(arn, maxReceives)));
    }

    private String create(String name, Map<QueueAttributeName, String> attributes) {
        return client.createQueue(request -> request.queueName(name).attributes(attributes))
                .queueUrl();
    }

    public URI endpoint() {
        return URI.create("http://127.0.0.1:" + port);
    }

    public String url() {
        return url("images");
    }

    private String url(String name) {
        return endpoint() + "/000000000000/" + name;
    }

    /** Settings for the queue: one receiver, polls of 1 s, a deadline of 5 min. */
    public QueueSettings settings(Duration visibility) {
        return new QueueSettings(
                url(),
                Optional.of(endpoint()),
                Optional.empty(),
                visibility,
                Duration.ofSeconds(1),
                1,
                Duration.ofMinutes(5));
    }

    public SqsClient client() {
        return client;
    }

    /** A body that is a request. */
    public static String body(String id) {
        return """
        {"id": "%s", "url": "http://images.test/%s.jpg", "task": "safety",
         "callback_url": "http://sink.test/"}"""
                .formatted(id, id);
    }

    public void send(List<String> bodies) {
        for (int from = 0; from < bodies.size(); from += BATCH) {
            List<SendMessageBatchRequestEntry> entries = new ArrayList<>();
            for (int i = from; i < Math.min(from + BATCH, bodies.size()); i++) {
                entries.add(
                        SendMessageBatchRequestEntry.builder()
                                .id(Integer.toString(i))
                                .messageBody(bodies.get(i))
                                .build());
            }
            client.sendMessageBatch(request -> request.queueUrl(url()).entries(entries));
        }
    }

    /** What waits in the queue, received like another worker would, hidden for 30 s afterwards. */
    public List<Message> receive() {
        return client.receiveMessage(
                        request ->
                                request.queueUrl(url())
                                        .maxNumberOfMessages(BATCH)
                                        .visibilityTimeout(30)
                                        .waitTimeSeconds(0))
                .messages();
    }

    public QueueStatus status() {
        return status(url());
    }

    /** Messages in the queue, hidden or not. */
    public long left() {
        return total(status());
    }

    /** Messages in the dead letter queue. */
    public long deadLetters() {
        return total(status(url("dead-letters")));
    }

    private QueueStatus status(String queue) {
        try {
            return new QueueProbe(client, QueueSettings.of(queue)).describe();
        } catch (QueueUnavailableException e) {
            throw new IllegalStateException(e);
        }
    }

    private static long total(QueueStatus status) {
        return status.visible() + status.inFlight() + status.delayed();
    }

    /** Stops the server; its port then refuses connections. */
    public void stopServer() {
        server.stopAndWait();
    }

    /** Starts the server again on the same port, with empty queues. */
    public void startServer() {
        server = SQSRestServerBuilder.withInterface("127.0.0.1").withPort(port).start();
        server.waitUntilStarted();
        createQueues();
    }

    @Override
    public void close() {
        client.close();
        server.stopAndWait();
    }
}
