package dev.millrace.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.job.Counter;
import dev.millrace.testing.CrashingClassifier;
import dev.millrace.testing.FakeMetadata;
import dev.millrace.testing.FreePort;
import dev.millrace.testing.Loopback;
import dev.millrace.testing.ModuleClasses;
import dev.millrace.testing.NativeCrash;
import dev.millrace.testing.Slow;
import dev.millrace.testing.TestQueue;
import dev.millrace.testing.WorkerProcess;
import dev.millrace.verify.SamplePhotos;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A caller's image that crashes native code, sent again and again, over restarts of the worker. */
@Slow
class PoisonOfCallersIT {
    private static final String POISON = "png-451x300-cat.png";
    private static final String HARMLESS = "mpu-300x250-city-night.jpg";

    @TempDir private Path folder;

    private int port;

    @Test
    void itCrashesOneWorkerAndIsTriedOnce() throws Exception {
        port = FreePort.find();
        try (TestQueue queue = new TestQueue(50)) {
            try (WorkerProcess first = start(queue)) {
                first.awaitReady();
                assertThrows(IOException.class, () -> ask(POISON));
                Loopback.awaitUntil(() -> !first.isAlive(), 20, () -> "it did not crash");
            }
            try (WorkerProcess second = start(queue)) {
                second.awaitReady();
                assertEquals(422, ask(POISON).statusCode());
                HttpResponse<String> again = ask(POISON);
                assertEquals(422, again.statusCode());
                assertEquals("poison", again.headers().firstValue("Millrace-Error-Kind").get());
                assertTrue(again.body().contains("check the file"), again.body());
                assertEquals(1, second.counter(Counter.TRIALS));
                end(second);
            }
            // As when it is careful no longer, which takes minutes.
            Files.delete(folder.resolve("state/caution"));
            try (WorkerProcess third = start(queue)) {
                third.awaitReady();
                assertEquals(422, ask(POISON).statusCode());
                assertEquals(200, ask(HARMLESS).statusCode());
                assertEquals(0, third.counter(Counter.TRIALS));
                end(third);
            }
        }
    }

    private static void end(WorkerProcess worker) throws Exception {
        worker.terminate();
        assertEquals(0, worker.exitCode(30), worker.output());
    }

    private HttpResponse<String> ask(String photo) throws Exception {
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(
                    HttpRequest.newBuilder(
                                    URI.create(
                                            "http://127.0.0.1:%d/v2/models/a/infer"
                                                    .formatted(port)))
                            .header("Content-Type", "image/*")
                            .POST(
                                    HttpRequest.BodyPublishers.ofByteArray(
                                            SamplePhotos.all().get(photo)))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
        }
    }

    private WorkerProcess start(TestQueue queue) throws IOException {
        String yaml =
                """
                queue:
                  url: %s
                models:
                  - {task: a, bundle: %s}
                serve:
                  port: %d
                state:
                  directory: state
                """
                                .formatted(
                                        queue.url(),
                                        Path.of("src/test/resources/engines/crashing")
                                                .toAbsolutePath(),
                                        port)
                        + FakeMetadata.yaml(Optional.empty());
        return WorkerProcess.start(
                folder,
                yaml,
                "worker",
                List.of("-XX:-CreateCoredumpOnCrash", "-XX:ErrorFile=" + folder + "/hs_err.log"),
                List.of(),
                ModuleClasses.copy(folder, CrashingClassifier.class, NativeCrash.class));
    }
}
