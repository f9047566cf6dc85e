package dev.millrace.lab.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.lab.demo.LocalQueue;
import dev.millrace.lab.demo.ThisMachine;
import dev.millrace.source.SqsClients;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.Message;
import software.amazon.awssdk.services.sqs.model.QueueDoesNotExistException;

/** What stands before a real queue server makes it slow and sparing, and loses nothing. */
class QueueProxyTest {
    private static final Duration LATENCY = Duration.ofMillis(200);
    private static final int ASKED = 10;

    private static LocalQueue queue;

    @BeforeAll
    static void start() {
        queue = new LocalQueue(Duration.ofSeconds(60));
    }

    @AfterAll
    static void stop() {
        queue.close();
    }

    /** A proxy, and a client of the AWS SDK that knows the queue through it alone. */
    private record Front(QueueProxy proxy, LoopbackServers servers, String origin, SqsClient client)
            implements AutoCloseable {
        static Front of(Duration latency, boolean shortAnswers) throws Exception {
            URI server = queue.settings().endpoint().orElseThrow();
            QueueProxy proxy = new QueueProxy(server, latency, shortAnswers, 1);
            LoopbackServers servers = new LoopbackServers(Optional.empty());
            String origin = servers.open(1, Map.of(QueueProxy.PATH, proxy::serve));
            URI endpoint = URI.create(origin);
            SqsClient client =
                    SqsClients.create(
                            ThisMachine.queue(url(origin), endpoint, Duration.ofSeconds(60)));
            return new Front(proxy, servers, origin, client);
        }

        List<Message> receive(int waitSeconds) {
            return client.receiveMessage(
                            request ->
                                    request.queueUrl(url(origin))
                                            .maxNumberOfMessages(ASKED)
                                            .waitTimeSeconds(waitSeconds))
                    .messages();
        }

        void delete(List<Message> messages) {
            LocalQueue.delete(client, url(origin), messages);
        }

        @Override
        public void close() {
            client.close();
            servers.close();
            proxy.close();
        }
    }

    private static String url(String origin) {
        return origin + URI.create(queue.settings().url()).getPath();
    }

    private static void send(int messages) {
        queue.send(IntStream.range(0, messages).mapToObj(i -> "message " + i).toList());
    }

    private static Duration took(Runnable call) {
        long startNs = System.nanoTime();
        call.run();
        return Duration.ofNanos(System.nanoTime() - startNs);
    }

    @Test
    void eachAnswerIsLateByTheLatency() throws Exception {
        try (Front far = Front.of(LATENCY, false);
                Front near = Front.of(Duration.ZERO, false)) {
            send(4);
            // Connects and compiles.
            near.delete(near.receive(0).subList(0, 1));
            send(10);
            List<Message> messages = new ArrayList<>();
            assertTrue(took(() -> messages.addAll(far.receive(0))).compareTo(LATENCY) >= 0);
            assertEquals(ASKED, messages.size());
            assertTrue(took(() -> far.delete(messages)).compareTo(LATENCY) >= 0);
            List<Long> nearMs = new ArrayList<>();
            for (int i = 0; i < 5; i++) {
                nearMs.add(took(() -> near.receive(0)).toMillis());
            }
            // Without it the way through adds next to nothing, whatever else the machine does.
            assertTrue(nearMs.stream().anyMatch(ms -> ms < LATENCY.toMillis()), nearMs::toString);
        }
    }

    @Test
    void shortAnswersLoseNothing() throws Exception {
        queue.clear();
        send(120);
        Set<String> bodies = new HashSet<>();
        List<Integer> sizes = new ArrayList<>();
        try (Front sparing = Front.of(Duration.ZERO, true)) {
            while (bodies.size() < 120) {
                List<Message> messages = sparing.receive(1);
                assertTrue(!messages.isEmpty() && messages.size() <= ASKED);
                messages.forEach(message -> assertTrue(bodies.add(message.body())));
                sizes.add(messages.size());
                sparing.delete(messages);
            }
        }
        assertEquals(0, queue.left());
        // Of ten calls that ask for ten, one is answered with ten.
        assertTrue(sizes.size() > 15 && sizes.size() < 40, sizes::toString);
        assertTrue(new HashSet<>(sizes).size() > 5, sizes::toString);
    }

    @Test
    void aLongPollWaitsAndWakes() throws Exception {
        queue.clear();
        try (Front front = Front.of(Duration.ZERO, true)) {
            Duration empty = took(() -> assertTrue(front.receive(1).isEmpty()));
            assertTrue(empty.compareTo(Duration.ofMillis(900)) > 0, empty::toString);
            Thread later = Thread.ofPlatform().start(() -> send(1));
            assertEquals(1, front.receive(5).size());
            later.join();
        }
    }

    @Test
    void errorsArriveAsTheServerGaveThem() throws Exception {
        try (Front front = Front.of(Duration.ZERO, true)) {
            String nowhere = front.origin + "/000000000000/nowhere";
            assertThrows(
                    QueueDoesNotExistException.class,
                    () -> front.client.receiveMessage(request -> request.queueUrl(nowhere)));
            String server = queue.settings().endpoint().orElseThrow().toString();
            for (String body : List.of("no JSON", "[]", "{}")) {
                HttpResponse<String> direct = post(server, body);
                HttpResponse<String> passed = post(front.origin, body);
                assertTrue(direct.statusCode() >= 400, direct::body);
                assertEquals(direct.statusCode(), passed.statusCode(), passed::body);
                assertEquals(kind(direct), kind(passed));
            }
        }
    }

    private static String kind(HttpResponse<String> answer) {
        return answer.headers().firstValue("Content-Type").orElse("none");
    }

    private static HttpResponse<String> post(String origin, String body) throws Exception {
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(
                    HttpRequest.newBuilder(URI.create(origin + "/"))
                            .header("X-Amz-Target", "AmazonSQS.ReceiveMessage")
                            .header("Content-Type", "application/x-amz-json-1.0")
                            .POST(HttpRequest.BodyPublishers.ofString(body))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
        }
    }
}
