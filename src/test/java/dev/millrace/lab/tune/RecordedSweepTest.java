package dev.millrace.lab.tune;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * The search in what {@code tune --exhaustive --simulate 8,2} measured on two cores: every run as
 * it was, single and with its noise.
 */
class RecordedSweepTest {
    private static final Map<Setting, Measurement> RECORDED = new HashMap<>();
    private static final Map<String, JsonNode> WRITTEN = new HashMap<>();
    private static final Goal GOAL = new Goal(Duration.ofMillis(200), "99", 0.7);
    private static final CostLine DEVICE = new CostLine(8, 2);
    private static final Grid GRID =
            new Grid(
                    List.of(1, 2),
                    List.of(1, 4, 8, 32),
                    List.of(1, 2),
                    List.of(Duration.ZERO, Duration.ofMillis(2), Duration.ofMillis(5)));

    @BeforeAll
    static void read() throws IOException {
        try (InputStream json = RecordedSweepTest.class.getResourceAsStream("sweep-8-2.json")) {
            for (JsonNode run : new ObjectMapper().readTree(json)) {
                WRITTEN.put(run.path("setting").asText(), run);
                Measurement measured = measurement(run);
                RECORDED.put(measured.setting(), measured);
            }
        }
        assertEquals(GRID.settings().size(), RECORDED.size());
    }

    private static Measurement measurement(JsonNode json) {
        return new Measurement(
                Setting.parse(json.path("setting").asText()),
                json.path("images_per_s").asDouble(),
                json.path("latency_ms").asDouble(),
                json.path("decode_cpu_ms").asDouble(),
                json.path("worker_cpu_ms").asDouble(),
                json.path("helpers_cpu_ms").asDouble(),
                json.path("device_busy").asDouble(),
                json.path("mean_batch").asDouble(),
                json.path("limited_by").asText());
    }

    private static Choice choice() throws IOException {
        return new Search(
                        GRID,
                        GOAL,
                        RECORDED.size() / 5,
                        first -> Prior.of(first, 2, new Prior.Curve(DEVICE, DEVICE), GOAL))
                .run(GRID.start(2), RECORDED::get);
    }

    @Test
    void theReportShowsTheRunsAsItDid() throws IOException {
        Choice choice = choice();
        TuneReport report = new TuneReport(choice.measured(), GOAL, Optional.of(choice));
        ByteArrayOutputStream shown = new ByteArrayOutputStream();
        report.print(new PrintStream(shown, true, StandardCharsets.UTF_8));
        assertEquals(recorded("runs.txt"), shown.toString(StandardCharsets.UTF_8));
        String page = TunePage.html(report, List.of());
        assertEquals(recorded("runs.html"), page.substring(page.indexOf("<h2>Runs</h2>")));
        ArrayNode json = new ObjectMapper().createArrayNode();
        report.json(json);
        List<String> written =
                choice.measured().stream()
                        .map(run -> WRITTEN.get(run.setting().key()).toString())
                        .toList();
        assertEquals("[" + String.join(",", written) + "]", json.toString());
    }

    private static String recorded(String name) throws IOException {
        try (InputStream in = RecordedSweepTest.class.getResourceAsStream(name)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    @Test
    void findsASettingWithinFivePercentOfTheBestInAFifthOfTheRuns() throws IOException {
        Choice choice = choice();
        double best =
                RECORDED.values().stream()
                        .filter(GOAL::kept)
                        .mapToDouble(Measurement::imagesPerSecond)
                        .max()
                        .orElseThrow();
        double found = RECORDED.get(choice.chosen()).imagesPerSecond();
        assertTrue(
                found >= 0.95 * best, () -> choice.chosen().key() + ": " + found + " of " + best);
        assertTrue(choice.kept());
        assertTrue(choice.measured().size() <= RECORDED.size() / 5);
    }
}
