package dev.millrace.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpServer;
import dev.millrace.job.Counter;
import dev.millrace.job.DropReason;
import dev.millrace.testing.Loopback;
import dev.millrace.testing.ObjectServer;
import dev.millrace.testing.ObjectServer.Reply;
import dev.millrace.testing.Slow;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;
import software.amazon.awssdk.services.sqs.model.MessageAttributeValue;

/**
 * Events of a bucket through a whole worker: five records in one message, of which one cannot be
 * downloaded at the first receipt, and events that ask for nothing.
 */
@Isolated("its scene counts the threads of the process, and it sets properties of the SDK")
@Slow
class SeveralImagesIT extends WithWorkerScene {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Path EVENTS = Path.of("src/test/resources/events/moto-5.2.1");
    private static final String PHOTO = "/dev/millrace/verify/photos/mpu-300x250-city-night.jpg";
    private static final Map<String, String> PROPERTIES =
            Map.of(
                    "aws.accessKeyId", ObjectServer.KEY_ID,
                    "aws.secretAccessKey", ObjectServer.SECRET,
                    "aws.disableEc2Metadata", "true",
                    "aws.sharedCredentialsFile", "/no/such/file",
                    "aws.configFile", "/no/such/file");

    private static final String TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    /** Results by {@code webhook-id}, and how often each came. */
    private final Map<String, JsonNode> results = new ConcurrentHashMap<>();

    private final Set<String> traces = ConcurrentHashMap.newKeySet();
    private final Map<String, Integer> calls = new ConcurrentHashMap<>();
    private ObjectServer bucket;
    private HttpServer sink;

    @BeforeEach
    void aBucketAndASink() throws IOException {
        PROPERTIES.forEach(System::setProperty);
        bucket = new ObjectServer();
        bucket.bucket("photos", "eu-central-1", "111122223333", true);
        for (int i = 0; i < 5; i++) {
            bucket.put("photos", key(i), photo(i));
        }
        sink = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        sink.createContext(
                "/",
                exchange -> {
                    try (exchange) {
                        String id = exchange.getRequestHeaders().getFirst("webhook-id");
                        results.put(id, JSON.readTree(exchange.getRequestBody()));
                        traces.add(exchange.getRequestHeaders().getFirst("traceparent"));
                        calls.merge(id, 1, Integer::sum);
                        exchange.sendResponseHeaders(204, -1);
                    }
                });
        sink.start();
    }

    @AfterEach
    void ends() {
        sink.stop(0);
        bucket.close();
    }

    /** Not before: the client of the queue has found credentials, and looks for them again. */
    @AfterAll
    static void noProperties() {
        PROPERTIES.keySet().forEach(System::clearProperty);
    }

    private static String key(int i) {
        return "in/" + i + " a+b.jpg";
    }

    private static Reply photo(int i) throws IOException {
        try (InputStream in = SeveralImagesIT.class.getResourceAsStream(PHOTO)) {
            return Reply.of(in.readAllBytes(), "e" + i);
        }
    }

    private static String event() {
        return IntStream.range(0, 5)
                .mapToObj(
                        i ->
                                """
                                {"eventSource": "aws:s3", "awsRegion": "eu-central-1", "eventName": "ObjectCreated:Put",
                                 "s3": {"bucket": {"name": "photos"}, "object": {"key": "in/%d+a%%2Bb.jpg", "size": 7, "eTag": "e%d"}}}"""
                                        .formatted(i, i))
                .collect(Collectors.joining(",", "{\"Records\":[", "]}"));
    }

    private Map<String, String> settings() {
        Map<String, String> settings = new TreeMap<>(WorkerScene.settings());
        settings.put("MILLRACE_SOURCE_DEFAULTS_TASKS", "colors");
        settings.put(
                "MILLRACE_SOURCE_DEFAULTS_CALLBACK",
                "http://127.0.0.1:" + sink.getAddress().getPort() + "/r");
        settings.put("MILLRACE_SOURCE_DEFAULTS_METADATA", "{\"from\": \"bucket\"}");
        settings.put("MILLRACE_FETCH_S3_ENDPOINT", "http://127.0.0.1:" + bucket.port());
        settings.put("MILLRACE_FETCH_S3_REGION", "eu-central-1");
        settings.put("MILLRACE_FETCH_S3_ALLOW_BUCKETS", "photos");
        return settings;
    }

    @Test
    void aFailureRepeatsTheMessageAndOnlyTheImageThatFailed() throws Exception {
        bucket.put("photos", key(2), new Reply(503, photo(2).headers(), new byte[0]));
        try (Worker worker = Worker.start(scene.config(settings()))) {
            send(event());
            await(worker, Counter.RETRIED, 1);
            assertEquals(4, calls.size(), calls.toString());
            assertEquals(0, worker.counters().get(Counter.DELETED));
            bucket.put("photos", key(2), photo(2));
            // What asks for nothing passes meanwhile.
            for (String name : List.of("s3-test-event-1", "s3-sns-test-event-1", "s3-removed-1")) {
                scene.queue.send(List.of(Files.readString(EVENTS.resolve(name + ".json"))));
            }
            await(worker, Counter.DELETED, 4);
            assertEquals(2, worker.counters().get(DropReason.TEST_EVENT));
            assertEquals(1, worker.counters().get(DropReason.REMOVED));
            assertEquals(0, scene.queue.left());
            assertEquals(0, scene.queue.deadLetters());
            assertEquals(0, worker.counters().get(Counter.MALFORMED));
            Loopback.awaitUntil(
                    () -> worker.snapshot().inFlight() == 0, 5, () -> "permits are not returned");
            String metrics = WorkerScene.text(worker, "/metrics");
            assertTrue(
                    metrics.contains("millrace_dropped_total{reason=\"test_event\"} 2"), metrics);
        }
        assertEquals(Set.of(TRACE), traces);
        assertEquals(5, results.size(), results.toString());
        results.forEach(
                (webhook, result) -> {
                    assertEquals(1, calls.get(webhook), webhook);
                    String id = result.path("id").textValue();
                    assertEquals("msg_" + id, webhook);
                    assertTrue(id.matches("[0-9a-f-]{36}_[0-4]"), id);
                    assertEquals("ok", result.path("status").textValue(), result.toString());
                    int position = id.charAt(id.length() - 1) - '0';
                    assertEquals("s3://photos/" + key(position), result.path("url").textValue());
                    assertEquals("bucket", result.path("metadata").path("from").textValue());
                });
        Map<String, Long> downloads =
                bucket.log().stream()
                        .collect(
                                Collectors.groupingBy(
                                        ObjectServer.Request::target, Collectors.counting()));
        assertEquals(5, downloads.size(), downloads.toString());
        downloads.forEach(
                (target, times) -> assertEquals(target.contains("/2%20") ? 2 : 1, times, target));
    }

    private void send(String body) {
        MessageAttributeValue trace =
                MessageAttributeValue.builder().dataType("String").stringValue(TRACE).build();
        scene.queue
                .client()
                .sendMessage(
                        request ->
                                request.queueUrl(scene.queue.url())
                                        .messageBody(body)
                                        .messageAttributes(Map.of("traceparent", trace)));
    }

    private void await(Worker worker, Counter counter, int count) throws InterruptedException {
        Loopback.awaitUntil(
                () -> worker.counters().get(counter) == count,
                60,
                () -> calls + ", " + bucket.log());
    }
}
