package dev.millrace.observe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.millrace.config.ConfigException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ChromeTraceTest {
    @TempDir private Path folder;

    @Test
    void spansBecomeCompleteEventsOnNamedTracks() throws Exception {
        Path file = folder.resolve("trace.json");
        long nowNs = System.nanoTime();
        try (ChromeTrace trace = new ChromeTrace(file)) {
            trace.span("lane-a-0", "copy in", nowNs, nowNs + 2_000_000);
            trace.span("lane-a-1", "compute 8", nowNs + 1_000_000, nowNs + 5_000_000);
            trace.span("lane-a-0", "copy out", nowNs + 3_000_000, nowNs + 4_000_000);
        }
        JsonNode events = new ObjectMapper().readTree(file.toFile()).get("traceEvents");
        assertEquals(5, events.size(), "two names of tracks and three spans");
        JsonNode name = events.get(0);
        assertEquals("M", name.get("ph").asText());
        assertEquals("lane-a-0", name.at("/args/name").asText());
        JsonNode first = events.get(1);
        JsonNode last = events.get(4);
        assertEquals("X", first.get("ph").asText());
        assertEquals(name.get("tid"), first.get("tid"));
        assertEquals(first.get("tid"), last.get("tid"));
        assertEquals(2000, first.get("dur").asDouble(), 0.01);
        assertEquals(3000, last.get("ts").asDouble() - first.get("ts").asDouble(), 0.01);
    }

    @Test
    void aFileThatCannotBeWrittenIsOneLine() {
        Path file = folder.resolve("missing/trace.json");
        String line = assertThrows(ConfigException.class, () -> new ChromeTrace(file)).getMessage();
        assertTrue(line.contains(file.toString()) && line.lines().count() == 1, line);
    }
}
