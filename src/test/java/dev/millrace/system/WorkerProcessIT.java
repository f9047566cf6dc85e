package dev.millrace.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.testing.Loopback;
import dev.millrace.testing.TestQueue;
import dev.millrace.testing.WaitsMostly;
import dev.millrace.testing.WorkerProcess;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.services.sqs.model.Message;

/** The worker as a process of its own, between a queue, an image host and a sink that are not. */
@WaitsMostly
class WorkerProcessIT {
    private static final List<String> PHOTOS =
            List.of(
                    "mpu-300x250-city-night.jpg",
                    "photo-600x400-coffee.jpg",
                    "photo-512x512-astronaut.jpg",
                    "webp-1280x853-tea.webp",
                    "png-451x300-cat.png");

    @TempDir private Path folder;

    @Test
    void aThousandMinimalMessagesAreAnsweredOnce() throws Exception {
        int messages = 1000;
        try (TestQueue queue = new TestQueue(5);
                Loopback loopback = new Loopback();
                WorkerProcess worker = WorkerProcess.start(folder, yaml(queue, ""))) {
            queue.send(bodies(loopback, messages));
            worker.awaitReady();
            loopback.await(messages, 240);
            Loopback.awaitUntil(() -> queue.left() == 0, 15, () -> queue.left() + " left");
            String metrics = worker.text("/metrics");
            assertTrue(metrics.contains("millrace_deleted_total 1000.0"), metrics);
            assertTrue(metrics.contains("nv_inference_count{model=\"safety\"} 1000.0"), metrics);
            assertTrue(metrics.contains("millrace_admission_limit"), metrics);
            worker.terminate();
            assertEquals(0, worker.exitCode(25));
            assertEquals(0, loopback.duplicates());
            assertEquals(0, queue.deadLetters());
            for (int i = 0; i < messages; i++) {
                assertTrue(loopback.has("m" + i), "m" + i + " is lost");
            }
            assertEquals("ok", loopback.result("m0").path("status").asText());
        }
    }

    @Test
    void aTerminatedWorkerLosesNothingAndHidesNothing() throws Exception {
        int messages = 600;
        // A device that takes 400 ms a batch, so that much is in flight when the signal comes.
        String slow = "  simulate: 400,0\n";
        try (TestQueue queue = new TestQueue(50);
                Loopback loopback = new Loopback();
                WorkerProcess worker = WorkerProcess.start(folder, yaml(queue, slow))) {
            worker.awaitReady();
            queue.send(bodies(loopback, messages));
            loopback.await(40, 30);
            assertTrue(queue.status().inFlight() > 40, "it must be under load");

            long startNs = System.nanoTime();
            worker.terminate();
            Loopback.awaitUntil(
                    () -> worker.status("/v2/health/ready") != 200, 5, () -> "still ready");
            int exitCode = worker.exitCode(25);
            double seconds = (System.nanoTime() - startNs) / 1e9;
            assertEquals(0, exitCode, worker.output());

            assertEquals(0, queue.status().inFlight(), "hidden after the end");
            Set<String> left = new HashSet<>();
            for (List<Message> some = queue.receive(); !some.isEmpty(); some = queue.receive()) {
                some.forEach(message -> left.add(id(message.body())));
            }
            for (int i = 0; i < messages; i++) {
                String id = "m" + i;
                assertTrue(loopback.has(id) != left.contains(id), id + " is lost or twice");
            }
            System.out.printf(
                    "SIGTERM under load: exit %d after %.1f s, %d called back, %d visible again%n",
                    exitCode, seconds, loopback.ids(), left.size());
            assertEquals(0, loopback.duplicates());
            assertEquals(0, queue.deadLetters());
        }
    }

    private static String id(String body) {
        return body.replaceAll("(?s).*\"id\": \"(\\w+)\".*", "$1");
    }

    private static List<String> bodies(Loopback loopback, int messages) {
        List<String> bodies = new ArrayList<>();
        for (int i = 0; i < messages; i++) {
            bodies.add(
                    """
                    {"id": "m%d", "url": "%s", "task": "safety", "callback_url": "%s"}"""
                            .formatted(
                                    i,
                                    loopback.photo(PHOTOS.get(i % PHOTOS.size())),
                                    loopback.sink()));
        }
        return bodies;
    }

    private static String yaml(TestQueue queue, String device) {
        return """
        queue:
          url: %s
          visibility: 60s
          wait: 1s
        fetch:
          allowAddresses: [127.0.0.0/8]
        callback:
          allowAddresses: [127.0.0.0/8]
        device:
          type: host
        %smodels:
          - {task: safety, bundle: %s}
        """
                .formatted(queue.url(), device, Path.of("engines/safety").toAbsolutePath());
    }
}
