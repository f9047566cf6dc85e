package dev.millrace.cli.demo;

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
import software.amazon.awssdk.services.sqs.model.DeleteMessageBatchRequestEntry;
import software.amazon.awssdk.services.sqs.model.Message;
import software.amazon.awssdk.services.sqs.model.QueueAttributeName;
import software.amazon.awssdk.services.sqs.model.SendMessageBatchRequestEntry;

/** A queue with a dead letter queue, in an ElasticMQ server on a free port of this machine. */
public final class LocalQueue implements AutoCloseable {
    private static final int BATCH = 10;
    private static final int MAX_RECEIVES = 5;

    private final SQSRestServer server;
    private final QueueSettings settings;
    private final QueueSettings deadLetters;
    private final SqsClient client;

    public LocalQueue(Duration visibility) {
        server = SQSRestServerBuilder.withInterface("127.0.0.1").withDynamicPort().start();
        int port = server.waitUntilStarted().localAddress().getPort();
        URI endpoint = URI.create("http://127.0.0.1:" + port);
        QueueSettings any = settings(endpoint.toString(), endpoint, visibility);
        client = SqsClients.create(any);
        String deadLetterUrl = create("demo-dead-letters", Map.of());
        String arn =
                client.getQueueAttributes(
                                request ->
                                        request.queueUrl(deadLetterUrl)
                                                .attributeNames(QueueAttributeName.QUEUE_ARN))
                        .attributes()
                        .get(QueueAttributeName.QUEUE_ARN);
        String redrive =
                "{\"deadLetterTargetArn\":\""
                        + arn
                        + "\",\"maxReceiveCount\":"
                        + MAX_RECEIVES
                        + "}";
        String url = create("demo", Map.of(QueueAttributeName.REDRIVE_POLICY, redrive));
        settings = settings(url, endpoint, visibility);
        deadLetters = settings(deadLetterUrl, endpoint, visibility);
    }

    private static QueueSettings settings(String url, URI endpoint, Duration visibility) {
        QueueSettings defaults = QueueSettings.of(url);
        return new QueueSettings(
                url,
                Optional.of(endpoint),
                Optional.empty(),
                visibility,
                // Short, so that the demo does not end with a long poll.
                Duration.ofSeconds(1),
                defaults.receivers(),
                defaults.deadline());
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
            List<DeleteMessageBatchRequestEntry> entries = new ArrayList<>();
            for (Message message : messages) {
                entries.add(
                        DeleteMessageBatchRequestEntry.builder()
                                .id(Integer.toString(entries.size()))
                                .receiptHandle(message.receiptHandle())
                                .build());
            }
            client.deleteMessageBatch(request -> request.queueUrl(settings.url()).entries(entries));
            messages = receive();
        }
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

    long deadLetters() throws QueueUnavailableException {
        return total(deadLetters);
    }

    private long total(QueueSettings queue) throws QueueUnavailableException {
        QueueStatus status = new QueueProbe(client, queue).describe();
        return status.visible() + status.inFlight() + status.delayed();
    }

    @Override
    public void close() {
        client.close();
        server.stopAndWait();
    }
}
