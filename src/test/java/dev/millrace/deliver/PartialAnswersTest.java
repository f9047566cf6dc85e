package dev.millrace.deliver;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpServer;
import dev.millrace.job.Delivery;
import dev.millrace.job.Destination;
import dev.millrace.job.Failure;
import dev.millrace.job.Message;
import dev.millrace.job.Request;
import dev.millrace.job.Stage;
import dev.millrace.job.TaskResult;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.sqs.SqsClient;

/** A queue that takes a part of a batch: each result learns what became of it and no other. */
class PartialAnswersTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int ENTRIES = 10;

    private final Set<String> taken = new ConcurrentSkipListSet<>();
    private final List<Integer> sizes = new CopyOnWriteArrayList<>();
    private HttpServer server;
    private SqsClient client;
    private volatile Queue queue;

    /** What the queue answers, as status and body. */
    private record Answer(int status, String body) {}

    @FunctionalInterface
    private interface Queue {
        Answer answer(JsonNode entries) throws Exception;
    }

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext(
                "/",
                exchange -> {
                    try (exchange) {
                        JsonNode entries = JSON.readTree(exchange.getRequestBody()).get("Entries");
                        sizes.add(entries.size());
                        Answer answer = queue.answer(entries);
                        byte[] body = answer.body().getBytes(StandardCharsets.UTF_8);
                        exchange.sendResponseHeaders(answer.status(), body.length);
                        exchange.getResponseBody().write(body);
                    } catch (Exception e) {
                        throw new IOException(e);
                    }
                });
        server.start();
        client =
                SqsClient.builder()
                        .endpointOverride(
                                URI.create("http://127.0.0.1:" + server.getAddress().getPort()))
                        .region(Region.EU_CENTRAL_1)
                        .checksumValidationEnabled(false)
                        .credentialsProvider(
                                StaticCredentialsProvider.create(
                                        AwsBasicCredentials.create("a", "b")))
                        .overrideConfiguration(
                                config -> config.retryStrategy(retries -> retries.maxAttempts(1)))
                        .build();
    }

    @AfterEach
    void stop() {
        client.close();
        server.stop(0);
    }

    /** Sends ten results at once; returns those that were reported as taken. */
    private Set<String> sendTen() throws Exception {
        String url = "http://127.0.0.1/000000000000/results";
        QueueSink sink =
                new QueueSink(
                        client,
                        url,
                        WebhookSigner.of(List.of("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")),
                        Duration.ofSeconds(5),
                        1);
        Set<String> reported = new ConcurrentSkipListSet<>();
        List<Thread> threads = new CopyOnWriteArrayList<>();
        for (int i = 0; i < ENTRIES; i++) {
            String id = "m" + i;
            threads.add(
                    Thread.ofVirtual()
                            .start(
                                    () -> {
                                        try {
                                            sink.send(message(id, url), id.getBytes());
                                            reported.add(id);
                                        } catch (IOException e) {
                                            // Not taken, as far as it was reported.
                                        } catch (InterruptedException e) {
                                            throw new AssertionError(e);
                                        }
                                    }));
        }
        for (Thread thread : threads) {
            assertTrue(thread.join(Duration.ofSeconds(20)));
        }
        return reported;
    }

    private static Message message(String id, String url) {
        Message message =
                new Message(
                        new Delivery(id, "r", 1, System.currentTimeMillis(), System.nanoTime()),
                        new Request(
                                id,
                                "http://images.test/a.jpg",
                                List.of("safety"),
                                new Destination.Queue(url),
                                Optional.empty()),
                        (_, _) -> {});
        message.complete(
                0,
                TaskResult.failed(
                        "safety", new Failure(Failure.Kind.CORRUPT_IMAGE, Stage.PREPROCESS, "no")));
        return message;
    }

    /** Takes the first {@code count} entries and lists no other. */
    private ObjectNode take(JsonNode entries, int count) {
        ObjectNode answer = JSON.createObjectNode();
        for (int i = 0; i < Math.min(count, entries.size()); i++) {
            String body = entries.get(i).path("MessageBody").asText();
            taken.add(body);
            answer.withArray("Successful")
                    .addObject()
                    .put("Id", entries.get(i).path("Id").asText())
                    .put("MessageId", "s" + body);
        }
        return answer;
    }

    private static Answer error(int status, String type) {
        return new Answer(status, "{\"__type\":\"com.amazonaws.sqs#" + type + "\"}");
    }

    @Test
    void theFirstHalfStaysTakenWhereTheSecondFails() throws Exception {
        queue =
                entries ->
                        switch (sizes.size()) {
                            case 1 -> error(400, "BatchRequestTooLong");
                            case 2 -> new Answer(200, take(entries, 5).toString());
                            default -> error(500, "InternalError");
                        };
        Set<String> reported = sendTen();
        assertEquals(List.of(10, 5, 5), sizes);
        assertEquals(5, taken.size());
        assertEquals(new TreeSet<>(taken), reported, "what was taken must not be sent again");
    }

    @Test
    void anEntryThatTheAnswerDoesNotListIsNotTaken() throws Exception {
        queue = entries -> new Answer(200, take(entries, 7).toString());
        assertEquals(sendTen(), taken);
        assertEquals(7, taken.size());
    }

    @Test
    void anErrorWithoutAnIdOrACodeHarmsNoOtherEntry() throws Exception {
        queue =
                entries -> {
                    ObjectNode answer = take(entries, 7);
                    answer.withArray("Failed").addObject().put("Message", "busy");
                    answer.withArray("Failed").addObject().put("Id", "99").put("Code", "Busy");
                    answer.withArray("Failed")
                            .addObject()
                            .put("Id", entries.get(8).path("Id").asText());
                    answer.withArray("Successful").addObject().put("Id", "none of yours");
                    return new Answer(200, answer.toString());
                };
        assertEquals(sendTen(), taken);
        assertEquals(7, taken.size());
    }
}
