package dev.millrace.lab.tune;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * The search in what {@code tune --exhaustive --simulate 8,2} measured on two cores: every run as
 * it was, single and with its noise.
 */
class RecordedSweepTest {
    private static final Map<Setting, Measurement> RECORDED = new HashMap<>();
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

    @Test
    void findsASettingWithinFivePercentOfTheBestInAFifthOfTheRuns() throws IOException {
        Choice choice =
                new Search(
                                GRID,
                                GOAL,
                                RECORDED.size() / 5,
                                first -> Prior.of(first, 2, new Prior.Curve(DEVICE, DEVICE), GOAL))
                        .run(GRID.start(2), RECORDED::get);
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
