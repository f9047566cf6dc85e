package dev.millrace.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpServer;
import dev.millrace.job.Counter;
import dev.millrace.job.DropReason;
import dev.millrace.testing.Loopback;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

/**
 * Events of a bucket through a whole worker: five records in one message, of which one is delivered
 * only at the second receipt, and events that ask for nothing.
 */
@Isolated("its scene counts the threads of the process")
class SeveralImagesIT extends WithWorkerScene {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Path EVENTS = Path.of("src/test/resources/events/moto-5.2.1");

    /** Calls by {@code webhook-id} and the id in the result; the third image's fails once. */
    private final Map<String, Integer> calls = new ConcurrentHashMap<>();

    private HttpServer sink() throws IOException {
        HttpServer server =
                HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext(
                "/",
                exchange -> {
                    try (exchange) {
                        String id = JSON.readTree(exchange.getRequestBody()).path("id").asText();
                        String webhook = exchange.getRequestHeaders().getFirst("webhook-id");
                        int call = calls.merge(webhook + " " + id, 1, Integer::sum);
                        boolean fails = id.endsWith("_2") && call == 1;
                        exchange.sendResponseHeaders(fails ? 500 : 204, -1);
                    }
                });
        server.start();
        return server;
    }

    private static String event(int records) {
        return IntStream.range(0, records)
                .mapToObj(
                        i ->
                                """
                                {"eventSource": "aws:s3", "awsRegion": "eu-central-1", "eventName": "ObjectCreated:Put",
                                 "s3": {"bucket": {"name": "photos"}, "object": {"key": "in/%d+a.jpg", "size": 7, "eTag": "e%d"}}}"""
                                        .formatted(i, i))
                .collect(Collectors.joining(",", "{\"Records\":[", "]}"));
    }

    @Test
    void aFailureRepeatsTheMessageAndOnlyTheImageThatFailed() throws Exception {
        HttpServer sink = sink();
        Map<String, String> settings = new TreeMap<>(WorkerScene.settings());
        settings.put("MILLRACE_SOURCE_DEFAULTS_TASKS", "colors");
        settings.put(
                "MILLRACE_SOURCE_DEFAULTS_CALLBACK",
                "http://127.0.0.1:" + sink.getAddress().getPort() + "/r");
        settings.put("MILLRACE_SOURCE_DEFAULTS_METADATA", "{\"from\": \"bucket\"}");
        settings.put("MILLRACE_CALLBACK_ATTEMPTS", "1");
        try (Worker worker = Worker.start(scene.config(settings))) {
            scene.queue.send(List.of(event(5)));
            Loopback.awaitUntil(() -> calls.size() == 5, 20, calls::toString);
            Loopback.awaitUntil(
                    () -> worker.counters().get(Counter.RETRIED) == 1, 20, calls::toString);
            assertEquals(0, worker.counters().get(Counter.DELETED));
            // Dropped ones pass meanwhile.
            for (String name : List.of("s3-test-event-1", "s3-sns-test-event-1", "s3-removed-1")) {
                scene.queue.send(List.of(Files.readString(EVENTS.resolve(name + ".json"))));
            }
            Loopback.awaitUntil(
                    () -> worker.counters().get(Counter.DELETED) == 4, 60, calls::toString);
            assertEquals(2, worker.counters().get(DropReason.TEST_EVENT));
            assertEquals(1, worker.counters().get(DropReason.REMOVED));
            assertEquals(0, scene.queue.left());
            assertEquals(0, scene.queue.deadLetters());
            assertEquals(5, worker.counters().get(Counter.CALLBACKS));
            assertEquals(0, worker.counters().get(Counter.MALFORMED));
            assertEquals(5, calls.size(), calls.toString());
            calls.forEach(
                    (ids, times) -> {
                        assertTrue(ids.matches("msg_([0-9a-f-]{36}_[0-4]) \\1"), ids);
                        assertEquals(ids.endsWith("_2") ? 2 : 1, times, ids);
                    });
            Loopback.awaitUntil(() -> inFlight(worker) == 0, 5, () -> "permits are not returned");
            String metrics = WorkerScene.text(worker, "/metrics");
            assertTrue(
                    metrics.contains("millrace_dropped_total{reason=\"test_event\"} 2"), metrics);
        } finally {
            sink.stop(0);
        }
    }

    private static long inFlight(Worker worker) {
        return worker.snapshot().inFlight();
    }
}
