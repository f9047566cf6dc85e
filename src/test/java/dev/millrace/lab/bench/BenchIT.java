package dev.millrace.lab.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.millrace.testing.CommandProcess;
import dev.millrace.testing.Slow;
import dev.millrace.testing.WaitsMostly;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code bench} as a user runs it, for a few seconds: its figures and its page are whole. */
@WaitsMostly
@Slow
class BenchIT {
    /** So that compiling takes less of the few seconds. */
    private static final String WORKER_OPTIONS = "--worker-opts=-XX:TieredStopAtLevel=1";

    @TempDir private Path folder;

    /** One run for all: most of its time goes to starting processes. */
    @Test
    void aShortRunGivesATableJsonAPageAndAPicture() throws Exception {
        CommandProcess.End bench = CommandProcess.run(300, List.of(), command());
        String said = bench.said();
        assertEquals(0, bench.code(), said);
        assertTrue(said.contains("times as fast as sequential"), said);
        assertTrue(said.startsWith("0 % done, about "), said);
        assertFalse(said.contains("\r") || said.contains("\033"), said);
        JsonNode json = new ObjectMapper().readTree(folder.resolve("bench.json").toFile());
        figures(json);
        curves(json);
        page(Files.readString(folder.resolve("bench.html")));
        assertTrue(ImageIO.read(folder.resolve("bench.png").toFile()).getWidth() > 1000);
    }

    @Test
    void imagesOfABucketAreFetchedWithSignedRequests() throws Exception {
        Path json = folder.resolve("bucket.json");
        CommandProcess.End bench =
                CommandProcess.run(
                        120,
                        List.of(),
                        List.of(
                                "bench",
                                "--bucket",
                                "--configurations=millrace",
                                "--images=4",
                                "--latency=5ms",
                                "--jitter=1ms",
                                "--warm-up=1s",
                                "--measure=3s",
                                "--rate=3",
                                WORKER_OPTIONS,
                                "--json=" + json));
        assertEquals(0, bench.code(), bench.said());
        JsonNode closed =
                new ObjectMapper()
                        .readTree(json.toFile())
                        .path("configurations")
                        .path(0)
                        .path("rounds")
                        .path(0)
                        .path("closed");
        assertTrue(closed.path("worker").path("images").asLong() > 0, bench::said);
        assertEquals(0, closed.path("worker").path("failed_tasks").asLong(), bench::said);
        assertTrue(closed.path("helpers").path("bytes_served").asLong() > 0, bench::said);
    }

    private static void curves(JsonNode json) {
        assertTrue(json.path("queue_floor_ms").path("count").asLong() > 100, json::toString);
        assertEquals(2, json.path("curves").size());
        assertEquals("latency", json.path("curves").path(1).path("profile").asText());
        for (JsonNode curve : json.path("curves")) {
            assertEquals(1, curve.path("points").size());
            for (JsonNode point : curve.path("points")) {
                JsonNode helpers = point.path("figures").path("helpers");
                JsonNode without = helpers.path("latency_without_download_ms");
                assertTrue(without.path("count").asLong() > 0, point::toString);
                assertTrue(
                        without.path("p50").asDouble()
                                < helpers.path("latency_ms").path("p50").asDouble(),
                        point::toString);
            }
        }
    }

    private List<String> command() {
        List<String> command = new ArrayList<>(List.of("bench", "--curves", "--loads=20"));
        command.addAll(List.of("--configurations=sequential,millrace", "--images=4"));
        // So slow a host that waiting decides between the two, also where the machine is busy.
        command.addAll(List.of("--latency=100ms", "--jitter=5ms", "--backlog=200"));
        command.addAll(List.of("--hosts=2", "--queue-latency=5ms", "--short-answers", "--cold=1s"));
        command.addAll(List.of("--warm-up=1s", "--measure=1s", "--rate=3", WORKER_OPTIONS));
        for (String kind : List.of("json", "html", "png")) {
            command.add("--" + kind + "=" + folder.resolve("bench." + kind));
        }
        return command;
    }

    private static void figures(JsonNode json) {
        assertEquals(2, json.path("configurations").size());
        for (JsonNode configuration : json.path("configurations")) {
            JsonNode closed = configuration.path("rounds").path(0).path("closed");
            assertTrue(closed.path("worker").path("images").asLong() > 0, json::toString);
            assertEquals(0, closed.path("worker").path("failed_tasks").asLong());
            assertEquals(0, closed.path("helpers").path("unexpected").asLong());
            assertTrue(closed.path("worker").path("cpu_ms_per_image").asDouble() > 0);
            double resident = closed.path("worker").path("rss_mb").asDouble();
            assertTrue(resident > 50, json::toString);
            assertTrue(closed.path("worker").path("rss_peak_mb").asDouble() >= resident);
            JsonNode cold = configuration.path("rounds").path(0).path("cold");
            assertTrue(cold.path("ready").path("ms").asLong() > 0, json::toString);
            assertTrue(cold.path("worker").path("cpu_cores").asDouble() > 0, json::toString);
        }
        assertTrue(json.path("millrace_to").path("sequential").asDouble() > 1, json::toString);
    }

    private static void page(String page) {
        assertTrue(page.endsWith("</html>" + System.lineSeparator()));
        assertTrue(page.split("<svg").length > 8, "charts are missing");
        assertTrue(page.contains("Latency against load"));
        assertFalse(page.contains("<script") || page.contains("<link"), "the page is not alone");
    }
}
