package dev.millrace.testing;

import dev.millrace.lab.demo.LocalQueue;
import dev.millrace.lab.demo.ThisMachine;
import dev.millrace.source.QueueSettings;
import dev.millrace.source.QueueStatus;
import dev.millrace.source.QueueUnavailableException;
import dev.millrace.source.SqsClients;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.Message;

/** A {@link LocalQueue} that can be stopped and started, seen as another worker sees it. */
public final class TestQueue implements AutoCloseable {
    private static final Duration VISIBILITY = Duration.ofSeconds(30);
    private static final int BATCH = 10;

    private final int maxReceives;
    private final URI endpoint;
    private final String url;
    private final SqsClient client;
    private LocalQueue queue;

    /**
     * @param maxReceives after which the queue moves a message to the dead letter queue
     */
    public TestQueue(int maxReceives) {
        this.maxReceives = maxReceives;
        this.queue = new LocalQueue(0, maxReceives, VISIBILITY);
        this.endpoint = queue.settings().endpoint().orElseThrow();
        this.url = endpoint + "/000000000000/images";
        this.client = SqsClients.create(settings(VISIBILITY));
    }

    public URI endpoint() {
        return endpoint;
    }

    public String url() {
        return url;
    }

    /** Settings for the queue: one receiver, polls of 1 s, a deadline of 5 min. */
    public QueueSettings settings(Duration visibility) {
        return ThisMachine.queue(url, endpoint, visibility).withReceivers(1);
    }

    /** Works again when the server does. */
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
        queue.send(bodies);
    }

    /** What waits in the queue, received like another worker would, hidden for 30 s afterwards. */
    public List<Message> receive() {
        return client.receiveMessage(
                        request ->
                                request.queueUrl(url)
                                        .maxNumberOfMessages(BATCH)
                                        .visibilityTimeout((int) VISIBILITY.toSeconds())
                                        .waitTimeSeconds(0))
                .messages();
    }

    public QueueStatus status() {
        return answer(queue::status);
    }

    /** Messages in the queue, hidden or not. */
    public long left() {
        return answer(queue::left);
    }

    /** Messages in the dead letter queue. */
    public long deadLetters() {
        return answer(queue::deadLetters);
    }

    private interface Question<T> {
        T ask() throws QueueUnavailableException;
    }

    private static <T> T answer(Question<T> question) {
        try {
            return question.ask();
        } catch (QueueUnavailableException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Stops the server; its port then refuses connections. */
    public void stopServer() {
        queue.close();
    }

    /** Starts the server again on the same port, with empty queues. */
    public void startServer() {
        queue = new LocalQueue(endpoint.getPort(), maxReceives, VISIBILITY);
    }

    @Override
    public void close() {
        client.close();
        queue.close();
    }
}
