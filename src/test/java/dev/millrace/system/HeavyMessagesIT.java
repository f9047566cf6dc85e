package dev.millrace.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.testing.Loopback;
import dev.millrace.testing.TestQueue;
import dev.millrace.testing.WorkerProcess;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Messages that are as large as a message may be, in a worker with its usual heap. */
class HeavyMessagesIT {
    private static final int HEAVY = 60;
    private static final int GOOD = 30;
    private static final int OBJECTS = 79_000;
    private static final String PHOTO = "mpu-300x250-city-night.jpg";

    @TempDir private Path folder;

    @Test
    void sixtyListsOfEmptyObjectsKeepNobodyFromTheirAnswers() throws Exception {
        try (TestQueue queue = new TestQueue(5);
                Loopback web = new Loopback();
                WorkerProcess worker =
                        WorkerProcess.start(folder, yaml(queue), List.of("-Xmx384m"), "")) {
            String objects = "[" + "{},".repeat(OBJECTS - 1) + "{}]";
            for (int i = 0; i < HEAVY; i++) {
                queue.send(List.of(body(web, "heavy" + i, ",\"metadata\":" + objects)));
            }
            for (int i = 0; i < GOOD; i++) {
                queue.send(List.of(body(web, "good" + i, "")));
            }
            worker.awaitReady();
            web.await(HEAVY + GOOD, 60);
            assertEquals(200, worker.status("/v2/health/live"));
            assertEquals(OBJECTS, web.result("heavy0").path("metadata").size());
            assertTrue(web.has("good29"));
            Loopback.awaitUntil(
                    () -> worker.text("/metrics").contains("\nmillrace_admission_bytes 0.0\n"),
                    10,
                    () -> worker.text("/metrics"));
        }
    }

    private static String body(Loopback web, String id, String metadata) {
        return "{\"id\":\"%s\",\"url\":\"%s\",\"task\":\"safety\",\"callback_url\":\"%s\"%s}"
                .formatted(id, web.photo(PHOTO), web.sink(), metadata);
    }

    private static String yaml(TestQueue queue) {
        return """
        queue:
          url: %s
          wait: 1s
        fetch:
          allowAddresses: [127.0.0.0/8]
        callback:
          allowAddresses: [127.0.0.0/8]
        device:
          type: host
          simulate: 1,0.1
        reload: 0s
        models:
          - {task: safety, bundle: %s}
        """
                .formatted(queue.url(), Path.of("engines", "safety").toAbsolutePath());
    }
}
