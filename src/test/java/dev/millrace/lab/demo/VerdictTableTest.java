package dev.millrace.lab.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The demo's queue is full, so waiting is told apart from what a photo takes by itself. */
class VerdictTableTest {
    private static String printed(String result) throws Exception {
        JsonNode json = new ObjectMapper().readTree(result);
        ByteArrayOutputStream shown = new ByteArrayOutputStream();
        VerdictTable.print(
                new PrintStream(shown, true, StandardCharsets.UTF_8),
                List.of("safety", "objects"),
                Set.of("cat.jpg"),
                Map.of("http://host/photos/cat.jpg", json));
        return shown.toString(StandardCharsets.UTF_8);
    }

    @Test
    void waitingAndWorkAreColumnsOfTheirOwn() throws Exception {
        List<String> lines =
                printed(
                                """
                                {"results": {
                                  "safety": {"label": "Neutral", "scores": {"Neutral": 0.997}},
                                  "objects": {"detections": [
                                    {"label": "person", "score": 0.47},
                                    {"label": "dog", "score": 0.39},
                                    {"label": "teddy bear", "score": 0.38}]}},
                                 "timings_ms": {"queue": 12, "fetch": 31.2, "slot": 2000, "decode": 4.1,
                                   "wait": 1900, "infer": 62.5, "postprocess": 0.2, "total": 4000.0}}
                                """)
                        .lines()
                        .toList();
        assertTrue(lines.getFirst().endsWith("   waiting   at work"), lines.getFirst());
        assertTrue(
                lines.get(1).endsWith(" person 0.47, dog 0.39, teddy …   3902 ms     98 ms"),
                lines.get(1));
        assertEquals(lines.getFirst().length(), lines.get(1).length());
        assertTrue(lines.getLast().startsWith("waiting: for the photos before it"));
    }

    @Test
    void tasksBesideEachOtherDoNotMakeTheWaitNegative() throws Exception {
        String shown =
                printed(
                        """
                        {"results": {}, "timings_ms": {"fetch": 5, "decode": 50, "infer": 60, "total": 100}}
                        """);
        assertTrue(shown.contains("      0 ms    115 ms"), shown);
    }

    /** A cut cell is as wide as its column. */
    @Test
    void cellsThatAreCutDoNotRunTogether() throws Exception {
        String detections =
                """
                {"detections": [{"label": "person", "score": 0.47}, {"label": "dog", "score": 0.39},
                 {"label": "teddy bear", "score": 0.38}]}
                """;
        String shown =
                printed(
                        "{\"results\": {\"safety\": %s, \"objects\": %s}}"
                                .formatted(detections, detections));
        assertTrue(shown.contains("dog 0.39, teddy … person 0.47, "), shown);
    }
}
