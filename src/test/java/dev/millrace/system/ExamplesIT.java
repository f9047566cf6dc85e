package dev.millrace.system;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.millrace.examples.EmbeddedWorker;
import dev.millrace.testing.Loopback;
import dev.millrace.testing.TestQueue;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The examples do what they say. */
class ExamplesIT {
    @TempDir private Path folder;

    @Test
    void anEmbeddedWorkerRunsAModuleOfOnesOwn() throws Exception {
        try (TestQueue queue = new TestQueue(5);
                Loopback loopback = new Loopback()) {
            queue.send(
                    List.of(
                            body(loopback, "coffee", "photo-600x400-coffee.jpg"),
                            body(loopback, "lake", "photo-1920x1080-lake.jpg")));
            EmbeddedWorker.main(new String[] {config(queue).toString(), "2"});
            assertEquals("warm", label(loopback, "coffee"));
            assertEquals("cool", label(loopback, "lake"));
            assertEquals(0, queue.left());
        }
    }

    private static String label(Loopback loopback, String id) {
        return loopback.result(id).at("/results/temperature/label").asText();
    }

    private static String body(Loopback loopback, String id, String photo) {
        return """
        {"id": "%s", "url": "%s", "task": "temperature", "callback_url": "%s"}"""
                .formatted(id, loopback.photo(photo), loopback.sink());
    }

    /** The colour model again, with the example's class in the place of its kind. */
    private Path config(TestQueue queue) throws Exception {
        Path colors = Path.of("src/test/resources/engines/colors");
        Path bundle = Files.createDirectory(folder.resolve("temperature"));
        Files.copy(colors.resolve("model.onnx"), bundle.resolve("model.onnx"));
        Files.writeString(
                bundle.resolve("model.yaml"),
                Files.readString(colors.resolve("model.yaml"))
                        .replace(
                                "kind: classifier",
                                "kind: dev.millrace.examples.ColorTemperature"));
        return Files.writeString(
                folder.resolve("worker.yaml"),
                """
                queue:
                  url: %s
                  wait: 1s
                fetch:
                  allowAddresses: [127.0.0.0/8]
                callback:
                  allowAddresses: [127.0.0.0/8]
                models:
                  - {task: temperature, bundle: temperature}
                cache: cache
                """
                        .formatted(queue.url()));
    }
}
