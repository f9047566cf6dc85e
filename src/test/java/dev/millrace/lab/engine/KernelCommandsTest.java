package dev.millrace.lab.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.millrace.gpu.cuda.GpuStandIn;
import dev.millrace.lab.Laboratory;
import dev.millrace.testing.Slow;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands with kernels of our own, in processes over a stand-in of CUDA. */
@Slow
class KernelCommandsTest {
    @TempDir private Path folder;

    private record End(int code, String said) {}

    private End run(Map<String, String> environment, String... arguments)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of(System.getProperty("millrace.flags").strip().split("\\s+")));
        command.addAll(List.of("-cp", System.getProperty("java.class.path")));
        command.addAll(List.of(Laboratory.class.getName(), "engine"));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().putAll(environment);
        builder.environment().put("MILLRACE_CACHE", folder.resolve("cache").toString());
        Process process = builder.start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new End(process.waitFor(), said);
    }

    @Test
    void streamsMeasuresBothArrangementsAndBreaksNoRuleOfCuda() throws Exception {
        Path json = folder.resolve("figures.json");
        End end =
                run(
                        GpuStandIn.environment("", ""),
                        "streams",
                        "--rows",
                        "2,4",
                        "--spin",
                        "0.5",
                        "--millis",
                        "5",
                        "--json",
                        json.toString());
        assertEquals(0, end.code, end.said);
        assertFalse(end.said.contains("FAULT"), end.said);
        JsonNode figures = new ObjectMapper().readTree(json.toFile());
        assertTrue(figures.path("free_bytes").asLong() > 0);
        assertEquals(2, figures.path("rows").size());
        JsonNode row = figures.path("rows").path(1);
        assertEquals(4, row.path("batch").asInt());
        // A kernel sleeps for its time at least, and a batch is four of them.
        assertTrue(row.path("compute_ms").asDouble() >= 0.5, row.toString());
        assertEquals(3, row.path("lanes").size());
        assertEquals(3, row.path("lanes").path(2).path("in_flight").asInt());
        assertEquals(2, row.path("three_streams").size());
        // Kernels that fill the GPU take turns, whatever the arrangement.
        for (String arrangement : List.of("lanes", "three_streams")) {
            for (JsonNode timing : row.path(arrangement)) {
                assertTrue(timing.path("batch_ms").asDouble() >= 0.5, row.toString());
                assertTrue(
                        timing.path("latency_ms").asDouble()
                                >= timing.path("batch_ms").asDouble() * 0.9,
                        row.toString());
            }
        }
    }

    @Test
    void aCommandRunsOnTheGpuThatIsNamed() throws Exception {
        Map<String, String> cards = GpuStandIn.environment("devices=7.5,8.6", "");
        List<String> streams = new ArrayList<>(List.of("streams", "--gpu", "1"));
        streams.addAll(List.of("--rows", "1", "--spin", "1", "--millis", "5"));
        End end = run(cards, streams.toArray(String[]::new));
        assertEquals(0, end.code, end.said);
        assertTrue(end.said.contains(" on NVIDIA A10G (sm_86, "), end.said);
    }

    @Test
    void faultIsOneLine() throws Exception {
        End end = run(GpuStandIn.environment("", ""), "fault");
        assertEquals(1, end.code, end.said);
        assertEquals(1, end.said.lines().count(), end.said);
        assertTrue(end.said.contains("cudaErrorIllegalAddress (700"), end.said);
    }

    @Test
    void whatCannotRunIsOneLine() throws Exception {
        End older =
                run(
                        GpuStandIn.environment(
                                "devices=7.5;call-fail=cudaLibraryLoadData:222@1", ""),
                        "streams");
        assertEquals(1, older.code, older.said);
        assertEquals(1, older.said.lines().count(), older.said);
        assertTrue(older.said.contains("cudaLibraryLoadData failed"), older.said);
        End mistake = run(GpuStandIn.environment("", ""), "streams", "--spin", "0");
        assertEquals(2, mistake.code, mistake.said);
        assertTrue(mistake.said.contains("must be more than 0"), mistake.said);
        End none = run(Map.of(), "streams");
        assertEquals(2, none.code, none.said);
        assertEquals(1, none.said.lines().count(), none.said);
        assertTrue(none.said.contains("no GPU: "), none.said);
    }
}
