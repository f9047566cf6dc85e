package dev.millrace.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.millrace.testing.CommandProcess;
import dev.millrace.testing.Slow;
import dev.millrace.testing.WaitsMostly;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code bench --serve} and {@code demo --serve} as a user runs them, for a few seconds. */
@WaitsMostly
@Slow
class LabCallersIT {
    @TempDir private Path folder;

    @Test
    void theBenchMeasuresAWorkerForCallers() throws Exception {
        Path json = folder.resolve("serve.json");
        CommandProcess.End bench =
                CommandProcess.run(
                        200,
                        List.of(),
                        List.of(
                                "bench",
                                "--serve",
                                "--worker-opts=-XX:TieredStopAtLevel=1",
                                "--simulate=1,0.1",
                                "--images=8",
                                "--connections=1,4",
                                "--loads=30",
                                "--warm-up=1s",
                                "--measure=1s",
                                "--json=" + json));
        assertEquals(0, bench.code(), bench.said());
        assertTrue(bench.said().contains("images/s at a 99th percentile"), bench.said());
        JsonNode points = new ObjectMapper().readTree(json.toFile()).path("points");
        assertEquals(3, points.size(), points::toString);
        assertEquals("poisson", points.path(2).path("load").asText());
        for (JsonNode point : points) {
            assertEquals("millrace", point.path("server").asText());
            assertTrue(point.path("images").asLong() > 0, point::toString);
            assertEquals(0, point.path("failures").size(), point::toString);
            assertTrue(point.path("server_cpu_ms_per_image").asDouble() > 0, point::toString);
            assertTrue(point.path("generator_cpu_ms_per_image").asDouble() > 0, point::toString);
            JsonNode latency = point.path("latency_ms");
            assertEquals(point.path("requests"), latency.path("count"), point::toString);
            // The simulated device alone takes 1.1 ms.
            assertTrue(latency.path("p50").asDouble() > 1, point::toString);
        }
    }

    @Test
    void theDemoAnswersEveryCaller() throws Exception {
        CommandProcess.End demo =
                CommandProcess.run(
                        200,
                        List.of(),
                        List.of("demo", "--serve", "--tasks=safety,objects", "--messages=25"));
        assertEquals(0, demo.code(), demo.said());
        assertTrue(demo.said().contains("50 requests answered, "), demo.said());
        // A line for each photo, with what both tasks say.
        assertTrue(
                demo.said()
                        .lines()
                        .anyMatch(
                                line ->
                                        line.startsWith("photo-683x1024-dogs.jpg")
                                                && line.contains("Neutral 0.")
                                                && line.contains("dog 0.")),
                demo.said());
    }
}
