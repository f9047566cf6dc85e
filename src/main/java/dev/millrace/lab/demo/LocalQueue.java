package dev.millrace.lab.demo;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
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
import org.elasticmq.rest.sqs.SQSRestServer;
import org.elasticmq.rest.sqs.SQSRestServerBuilder;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.DeleteMessageBatchRequestEntry;
import software.amazon.awssdk.services.sqs.model.Message;
import software.amazon.awssdk.services.sqs.model.QueueAttributeName;
import software.amazon.awssdk.services.sqs.model.SendMessageBatchRequestEntry;

/**
 * A queue with a dead letter queue, in an ElasticMQ server on a port of 127.0.0.1. The server
 * forgets everything when it stops.
 */
public final class LocalQueue implements AutoCloseable {
    private static final int BATCH = 10;
    private static final int MAX_RECEIVES = 5;

    private final SQSRestServer server;
    private final QueueSettings settings;
    private final QueueSettings deadLetters;
    private final SqsClient client;

    /** On a free port, with five receives. */
    public LocalQueue(Duration visibility) {
        this(0, MAX_RECEIVES, visibility);
    }

    /**
     * @param port 0 for a free one
     * @param maxReceives after which the queue moves a message to the dead letter queue
     */
    public LocalQueue(int port, int maxReceives, Duration visibility) {
        server = SQSRestServerBuilder.withInterface("127.0.0.1").withPort(port).start();
        URI endpoint =
                URI.create(
                        "http://127.0.0.1:" + server.waitUntilStarted().localAddress().getPort());
        QueueSettings any = ThisMachine.queue(endpoint.toString(), endpoint, visibility);
        client = SqsClients.create(any);
        String deadLetterUrl = create("dead-letters", Map.of());
        String arn =
                client.getQueueAttributes(
                                request ->
                                        request.queueUrl(deadLetterUrl)
                                                .attributeNames(QueueAttributeName.QUEUE_ARN))
                        .attributes()
                        .get(QueueAttributeName.QUEUE_ARN);
        String redrive =
                "{\"deadLetterTargetArn\":\"%s\",\"maxReceiveCount\":%d}"
                        .formatted(arn, maxReceives);
        String url = create("images", Map.of(QueueAttributeName.REDRIVE_POLICY, redrive));
        settings = ThisMachine.queue(url, endpoint, visibility);
        deadLetters = ThisMachine.queue(deadLetterUrl, endpoint, visibility);
    }

    /** The body of a message. */
    public static String body(String id, String image, List<String> tasks, String callback) {
        ObjectNode body = JsonNodeFactory.instance.objectNode();
        body.put("id", id).put("url", image);
        body.putPOJO("tasks", tasks);
        return body.put("callback_url", callback).toString();
    }

    private String create(String name, Map<QueueAttributeName, String> attributes) {
        return client.createQueue(request -> request.queueName(name).attributes(attributes))
                .queueUrl();
    }

    public QueueSettings settings() {
        return settings;
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
            client.sendMessageBatch(request -> request.queueUrl(settings.url()).entries(entries));
        }
    }

    /** Takes out what nobody has received; who has received something may finish it. */
    public void clear() {
        List<Message> messages = receive();
        while (!messages.isEmpty()) {
            delete(client, settings.url(), messages);
            messages = receive();
        }
    }

    /** Deletes what was received, 1 to 10 messages. */
    public static void delete(SqsClient client, String url, List<Message> messages) {
        List<DeleteMessageBatchRequestEntry> entries = new ArrayList<>();
        for (Message message : messages) {
            entries.add(
                    DeleteMessageBatchRequestEntry.builder()
                            .id(Integer.toString(entries.size()))
                            .receiptHandle(message.receiptHandle())
                            .build());
        }
        client.deleteMessageBatch(request -> request.queueUrl(url).entries(entries));
    }

    private List<Message> receive() {
        return client.receiveMessage(
                        request ->
                                request.queueUrl(settings.url())
                                        .maxNumberOfMessages(BATCH)
                                        .waitTimeSeconds(0))
                .messages();
    }

    /** Messages that are left in the queue, visible or not. */
    public long left() throws QueueUnavailableException {
        return total(settings);
    }

    public QueueStatus status() throws QueueUnavailableException {
        return status(settings);
    }

    /** Messages in the dead letter queue. */
    public long deadLetters() throws QueueUnavailableException {
        return total(deadLetters);
    }

    private long total(QueueSettings queue) throws QueueUnavailableException {
        QueueStatus status = status(queue);
        return status.visible() + status.inFlight() + status.delayed();
    }

    private QueueStatus status(QueueSettings queue) throws QueueUnavailableException {
        return new QueueProbe(client, queue).describe();
    }

    @Override
    public void close() {
        client.close();
        server.stopAndWait();
    }
}
