package dev.millrace.testing;

import dev.millrace.lab.demo.LocalQueue;
import dev.millrace.lab.demo.ThisMachine;
import dev.millrace.source.QueueSettings;
import dev.millrace.source.QueueStatus;
import dev.millrace.source.QueueUnavailableException;
import dev.millrace.source.SqsClients;
import java.net.URI;
import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.Message;
import software.amazon.awssdk.services.sqs.model.QueueAttributeName;

/** A {@link LocalQueue} that can be stopped and started, seen as another worker sees it. */
public final class TestQueue implements AutoCloseable {
    private static final Duration VISIBILITY = Duration.ofSeconds(30);
    private static final int BATCH = 10;

    /** For good, where tests are concerned: the longest that AWS allows. */
    private static final int HIDDEN_SECONDS = 43_200;

    /** More than a worker hides a message for. */
    private static final Duration PATIENCE = Duration.ofSeconds(90);

    private static final Duration LOOK = Duration.ofMillis(200);

    private final int maxReceives;
    private final URI endpoint;
    private final String url;
    private final SqsClient client;

    // What was read of the remains, by the queue's message id.
    private final Map<String, String> left = new LinkedHashMap<>();
    private final Map<String, String> dead = new LinkedHashMap<>();
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
        return receive(url, (int) VISIBILITY.toSeconds());
    }

    private List<Message> receive(String from, int hiddenSeconds) {
        return client.receiveMessage(
                        request ->
                                request.queueUrl(from)
                                        .maxNumberOfMessages(BATCH)
                                        .visibilityTimeout(hiddenSeconds)
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

    /**
     * The bodies of all messages that are left in the queue, dead ones not included. Nobody else
     * sees them afterwards, so this belongs to the end of a test; what another holds is waited for.
     */
    public synchronized Collection<String> leftBodies() {
        if (left.size() != left()) {
            killNoMore();
        }
        read(url, left, this::left);
        return List.copyOf(left.values());
    }

    /** Likewise of the dead letter queue. */
    public synchronized Collection<String> deadBodies() {
        read(endpoint + "/000000000000/dead-letters", dead, this::deadLetters);
        return List.copyOf(dead.values());
    }

    /** Else one more receive, that of {@link #read}, would be the last of some. */
    private void killNoMore() {
        QueueAttributeName policy = QueueAttributeName.REDRIVE_POLICY;
        String now =
                client.getQueueAttributes(request -> request.queueUrl(url).attributeNames(policy))
                        .attributes()
                        .get(policy);
        String never = now.replaceAll("\"maxReceiveCount\":\\d+", "\"maxReceiveCount\":1000");
        client.setQueueAttributes(
                request -> request.queueUrl(url).attributes(Map.of(policy, never)));
    }

    private void read(String from, Map<String, String> into, LongSupplier expected) {
        long deadlineNs = System.nanoTime() + PATIENCE.toNanos();
        while (into.size() != expected.getAsLong()) {
            List<Message> messages = receive(from, HIDDEN_SECONDS);
            messages.forEach(message -> into.put(message.messageId(), message.body()));
            if (System.nanoTime() > deadlineNs) {
                throw new AssertionError(
                        "of %d messages in %s only %d could be read"
                                .formatted(expected.getAsLong(), from, into.size()));
            }
            if (messages.isEmpty()) {
                LockSupport.parkNanos(LOOK.toNanos());
            }
        }
    }

    /** Stops the server; its port then refuses connections. */
    public void stopServer() {
        queue.close();
    }

    /** Starts the server again on the same port, with empty queues. */
    public void startServer() {
        queue = new LocalQueue(endpoint.getPort(), maxReceives, VISIBILITY);
        left.clear();
        dead.clear();
    }

    @Override
    public void close() {
        client.close();
        queue.close();
    }
}
