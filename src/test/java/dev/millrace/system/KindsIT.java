package dev.millrace.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.bundle.Golden;
import dev.millrace.bundle.graph.TestModels;
import dev.millrace.config.WorkerConfig;
import dev.millrace.testing.Contract;
import dev.millrace.testing.Loopback;
import dev.millrace.testing.TestQueue;
import dev.millrace.testing.Workers;
import dev.millrace.worker.Worker;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A model of each kind answers through a whole worker, and the published schema knows each field of
 * what it says: it takes the result as it is, and refuses it with that field broken.
 */
class KindsIT {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String PHOTO = "png-451x300-cat.png";

    @TempDir private static Path folder;
    private static JsonNode result;

    private static Map<String, Path> bundles() throws Exception {
        return Map.of(
                "labels",
                Golden.copy(
                        Golden.ENGINES.resolve("safety"),
                        folder.resolve("labels"),
                        "kind: classifier",
                        "kind: classifier\nthresholds: {score: 0.001}"),
                "vector",
                TestModels.write(
                        folder.resolve("vector"),
                        TestModels.detector(17),
                        TestModels.yaml(
                                "embedding", "{embedding: boxes}", "pool: mean\nunit: true")),
                "areas",
                TestModels.write(
                        folder.resolve("areas"),
                        TestModels.identity(17, 4, 8),
                        TestModels.yaml(
                                "segmentation",
                                "{classes: output}",
                                "labels: [red, ~, blue]\noptions: {mask: true}")),
                "objects",
                Golden.ENGINES.resolve("objects"),
                "text",
                Golden.ENGINES.resolve("text"));
    }

    @BeforeAll
    static void run() throws Exception {
        Map<String, Path> bundles = bundles();
        List<WorkerConfig.Model> models =
                bundles.entrySet().stream()
                        .map(it -> WorkerConfig.Model.of(it.getKey(), it.getValue()))
                        .toList();
        try (TestQueue queue = new TestQueue(5);
                Loopback loopback = new Loopback();
                Worker worker =
                        Worker.start(
                                Workers.config(queue.settings(Duration.ofSeconds(60)), 8, "text")
                                        .with(draft -> draft.models = models))) {
            ObjectNode body = JSON.createObjectNode();
            body.put("id", "kinds").put("url", loopback.photo(PHOTO));
            bundles.keySet().forEach(body.putArray("tasks")::add);
            queue.send(List.of(body.put("callback_url", loopback.sink()).toString()));
            loopback.await(1, 60);
            result = loopback.result("kinds");
            assertFalse(worker.fault().isDone());
        }
    }

    @AfterAll
    static void forget() {
        result = null;
    }

    private static JsonNode said(String task) {
        return result.path("results").path(task);
    }

    @Test
    void eachKindSaysWhatTheContractTellsOfIt() {
        assertEquals("ok", result.path("status").asText(), result::toString);
        assertTrue(said("labels").path("labels").size() > 1, result::toString);
        assertEquals(said("labels").at("/labels/0"), said("labels").path("label"));
        assertEquals(4, said("vector").path("embedding").size(), result::toString);
        assertTrue(said("vector").path("label").isMissingNode(), result::toString);
        assertTrue(said("areas").path("shares").size() > 0, result::toString);
        JsonNode mask = said("areas").path("mask");
        long places = 0;
        for (int i = 1; i < mask.path("runs").size(); i += 2) {
            places += mask.path("runs").path(i).asInt();
        }
        assertEquals(mask.path("width").asLong() * mask.path("height").asLong(), places);
        assertTrue(said("objects").path("detections").size() > 0, result::toString);
        assertEquals("none", said("text").path("label").asText(), result::toString);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "labels  | labels         | 'cat'",
                "labels  | labels         | ['cat', 1]",
                "labels  | labels         | ['cat', 'cat']",
                "labels  | scores/Neutral | 1.5",
                "vector  | embedding      | []",
                "vector  | embedding      | [0.5, 'x']",
                "vector  | embedding      | {'x': 1}",
                "areas   | shares/red     | 1.5",
                "areas   | shares/red     | -0.1",
                "areas   | shares         | [0.5]",
                "areas   | mask           | 7",
                "areas   | mask/width     | 0",
                "areas   | mask/height    | 1.5",
                "areas   | mask/runs      | []",
                "areas   | mask/runs      | [-2, 32]",
                "areas   | mask/runs      | [0, 'x']",
                "areas   | mask/more      | 1",
                "areas   | mask           | {'width': 8, 'height': 4}",
                "objects | detections     | [{'label': 'cat', 'score': 0.5}]",
                "text    | text_fraction  | 2"
            })
    void theSchemaRefusesEachFieldThatIsBroken(String task, String field, String value)
            throws Exception {
        JsonNode broken = result.deepCopy();
        String[] names = field.split("/");
        JsonNode home = broken.path("results").path(task);
        for (int i = 0; i < names.length - 1; i++) {
            home = home.path(names[i]);
        }
        ((ObjectNode) home).set(names[names.length - 1], JSON.readTree(value.replace('\'', '"')));
        AssertionError refused =
                assertThrows(AssertionError.class, () -> Contract.requireResult(broken));
        assertTrue(refused.getMessage().contains(names[0]), refused::getMessage);
    }

    @Test
    void anErrorStandsBesideNoVerdict() {
        Stream.of("labels", "vector", "areas", "objects", "text")
                .forEach(
                        task -> {
                            ObjectNode broken = result.deepCopy();
                            ObjectNode error =
                                    JSON.createObjectNode()
                                            .put("kind", "postprocess_failed")
                                            .put("stage", "postprocess")
                                            .put("message", "it failed");
                            broken.put("status", "partial").set("error", error);
                            ObjectNode entry = (ObjectNode) broken.path("results").path(task);
                            entry.remove(List.of("label", "scores", "detections"));
                            if (task.equals("objects")) {
                                entry.putArray("detections");
                            }
                            entry.set("error", error);
                            assertThrows(
                                    AssertionError.class,
                                    () -> Contract.requireResult(broken),
                                    task);
                        });
    }
}
