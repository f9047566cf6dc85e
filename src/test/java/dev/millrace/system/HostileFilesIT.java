package dev.millrace.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.millrace.testing.Loopback;
import dev.millrace.testing.Memory;
import dev.millrace.testing.TestQueue;
import dev.millrace.testing.Workers;
import dev.millrace.worker.Worker;
import java.io.InputStream;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Each hostile file, one by one, through a whole worker: answered as it must be, soon, cheaply. */
class HostileFilesIT {
    private static final double MAX_MS = 1000;
    private static final long MAX_BYTES = 300L << 20;

    @Test
    void everyHostileFileIsAnsweredAndTheWorkerGoesOn() throws Exception {
        JsonNode files;
        try (InputStream in = HostileFilesIT.class.getResourceAsStream("/hostile/manifest.json")) {
            files = new ObjectMapper().readTree(in).get("files");
        }
        Map<String, Integer> kinds = new TreeMap<>();
        double slowest = 0;
        long largest = 0;
        try (TestQueue queue = new TestQueue(5);
                Loopback loopback = new Loopback();
                Worker worker =
                        Worker.start(
                                Workers.config(
                                        queue.settings(Duration.ofSeconds(60)),
                                        64,
                                        "safety",
                                        "objects"))) {
            send(queue, loopback, "warm-up", loopback.photo("photo-600x400-coffee.jpg"));
            for (JsonNode file : files) {
                String name = file.get("file").asText();
                Memory.resetPeak();
                long before = Memory.resident();
                JsonNode result = send(queue, loopback, name, loopback.hostile(name));
                long bytes = Memory.peak() - before;
                double ms = result.at("/timings_ms/total").asDouble();
                assertAnswer(file, result);
                assertTrue(ms <= MAX_MS, name + " took " + ms + " ms");
                assertTrue(bytes <= MAX_BYTES, name + " took " + (bytes >> 20) + " MiB");
                kinds.merge(result.at("/error/kind").asText("verdict"), 1, Integer::sum);
                slowest = Math.max(slowest, ms);
                largest = Math.max(largest, bytes);
            }
            send(queue, loopback, "after", loopback.photo("photo-600x400-coffee.jpg"));
            assertEquals("ok", loopback.result("after").path("status").asText());
            assertFalse(worker.fault().isDone());
            assertEquals(0, loopback.duplicates());
            assertEquals(0, queue.deadLetters());
        }
        System.out.printf(
                "%d hostile files: %s; slowest %.0f ms, largest %d MiB%n",
                files.size(), kinds, slowest, largest >> 20);
    }

    private static JsonNode send(TestQueue queue, Loopback loopback, String id, String url)
            throws InterruptedException {
        queue.send(
                List.of(
                        """
                        {"id": "%s", "url": "%s", "tasks": ["safety", "objects"], "callback_url": "%s"}"""
                                .formatted(id, url, loopback.sink())));
        Loopback.awaitUntil(() -> loopback.has(id), 20, () -> "no result for " + id);
        return loopback.result(id);
    }

    private static void assertAnswer(JsonNode file, JsonNode result) {
        String name = file.get("file").asText() + " (" + file.get("why").asText() + ")";
        String status = result.path("status").asText();
        switch (file.get("expect").asText()) {
            case "reject" -> assertEquals("error", status, name);
            case "accept" -> {
                assertEquals("ok", status, name + ": " + result);
                if (file.has("width")) {
                    assertEquals(file.get("width"), result.at("/image/width"), name);
                    assertEquals(file.get("height"), result.at("/image/height"), name);
                }
            }
            case "either" -> assertTrue(status.equals("ok") || status.equals("error"), name);
            default -> throw new AssertionError(name + ": " + file);
        }
    }
}
