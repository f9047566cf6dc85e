package dev.millrace.lab.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** The world's rows, what their table says of their runs, and where the table is written. */
class WorldTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir private Path folder;

    /** Two rounds of the laboratory and one more row; in the second the machine is half as fast. */
    private static final String RECORDED =
            """
            {"machine": {"cores": 2, "cpu": "a CPU", "jdk": "25"},
             "settings": {"rounds": 2, "warm_up": "8s", "measure": "6s"},
             "rows": [
               {"name": "laboratory", "rounds": [
                 {"round": 1, "cold": COLD, "closed": FAST}, {"round": 2, "cold": COLD, "closed": SLOW}]},
               {"name": "far", "rounds": [{"round": 1, "closed": SLOW}, {"round": 2, "closed": SLOWER}]},
               {"name": "steady", "rounds": [
                 {"round": 1, "closed": FAST, "open": OPEN}, {"round": 2, "closed": FAST, "open": OPEN}]}]}
            """
                    .replace("FAST", figures(800))
                    .replace("SLOWER", figures(100))
                    .replace("SLOW", figures(400))
                    .replace("OPEN", figures(200))
                    .replace(
                            "COLD",
                            "{\"ready\": {\"ms\": 900, \"cpu_ms\": 1500}, "
                                    + figures(200).substring(1));

    private static String figures(int rate) {
        return """
        {"worker": {"images": 9, "images_per_s": RATE, "cpu_ms_per_image": 2.5, "cpu_cores": 1.5,
          "rss_mb": 600, "rss_peak_mb": 650, "limited_by": "limited by: arrivals, RATE"},
         "helpers": {"cpu_cores": 0.4, "latency_ms": {"count": 3, "p50": 110, "p99": 166}}}"""
                .replace("RATE", Integer.toString(rate));
    }

    private static World recorded() throws Exception {
        return World.read(JSON.readTree(RECORDED));
    }

    @Test
    void eachLineIsComparedWithTheLaboratoryOfItsRound() throws Exception {
        List<WorldLine> lines = recorded().lines();
        assertEquals(4, lines.size());
        assertEquals("600 (400–800)", lines.get(0).worker("images_per_s").text(0));
        assertEquals(new Spread(1, 1, 1), lines.get(0).ratio().orElseThrow());
        assertEquals(WorldRow.FIRST_SECONDS, lines.get(1).surroundings());
        assertEquals(new Spread(0.375, 0.25, 0.5), lines.get(1).ratio().orElseThrow());
        assertEquals(new Spread(0.375, 0.25, 0.5), lines.get(2).ratio().orElseThrow());
        // A rate that was set says nothing about the laboratory.
        assertTrue(lines.get(3).ratio().isEmpty());
    }

    @Test
    void theTableSaysWhatWasMeasuredAndHow() throws Exception {
        String page = recorded().markdown();
        assertTrue(page.startsWith("Measured on 2 cores (a CPU)"), page);
        assertTrue(page.contains("2 rounds of all rows in turn, 8s of warm-up"), page);
        assertTrue(
                page.contains(
                        "| one image host at 100 ms, the queue at 15 ms | 250 (100–400) | 0.38"
                                + " (0.25–0.50) | 2.50 | 1.50 | 0.40 | 600 | 650 | – |"
                                + " arrivals, 400 |"),
                page);
        assertTrue(page.contains("| 200 | – | 2.50 | 1.50 | 0.40 | 600 | 650 | 110 / 166 |"), page);
        assertTrue(page.contains("ready after 900 ms, of which 1500 ms of CPU"), page);
        assertTrue(page.contains("| `" + WorldRow.FAR.options() + "` |"), page);
    }

    @Test
    void theJsonIsReadBack() throws Exception {
        JsonNode json = recorded().json();
        assertEquals(json.toPrettyString(), World.read(json).json().toPrettyString());
        assertEquals(250, json.at("/table/2/images_per_s/median").asDouble());
    }

    @Test
    void aRowTakesItsOwnSurroundingsAndTheOthersAsTheyWereGiven() {
        BenchSettings given = new BenchSettings();
        new CommandLine(given)
                .setCaseInsensitiveEnumValuesAllowed(true)
                .parseArgs("--measure=3s", "--images=7", "--in-flight=9", "--latency=1s");
        BenchSettings far = WorldRow.SHORT_ANSWERS.settings(given);
        assertEquals(Duration.ofSeconds(3), far.measure);
        assertEquals(7, far.host.images());
        assertEquals(9, far.inFlight.orElseThrow());
        assertEquals(Duration.ofMillis(100), far.host.latency());
        assertEquals(Duration.ofMillis(15), far.surroundings.queueLatency.orElseThrow());
        assertTrue(far.surroundings.shortAnswers);
        assertEquals(0, far.rate.orElseThrow());
        for (WorldRow row : WorldRow.values()) {
            row.settings(given).surroundings.check();
        }
        assertEquals(200, WorldRow.STEADY.settings(given).rate.orElseThrow());
    }

    /** The document's table is of the run beside it, whoever ran that. */
    @Test
    void theDocumentShowsTheRecordedRun() throws Exception {
        Path run = Path.of("docs/lab/world.json");
        assumeTrue(Files.exists(run), "no run is recorded");
        String shown = World.read(JSON.readTree(run.toFile())).markdown();
        assertTrue(
                Files.readString(Path.of("docs/lab/world.md"))
                        .contains(GeneratedPart.BEGIN + shown + GeneratedPart.END),
                () -> "bench --world --from docs/lab/world.json --markdown docs/lab/world.md");
    }

    @Test
    void aDocumentKeepsWhatIsAroundTheGeneratedPart() throws Exception {
        Path page = folder.resolve("page.md");
        Files.writeString(
                page,
                "# Title\n\n" + GeneratedPart.BEGIN + "old\n" + GeneratedPart.END + "\nend\n");
        GeneratedPart.write(page, "new\n");
        String kept = Files.readString(page);
        assertEquals(
                "# Title\n\n" + GeneratedPart.BEGIN + "new\n" + GeneratedPart.END + "\nend\n",
                kept);
        Path fresh = folder.resolve("fresh.md");
        GeneratedPart.write(fresh, "new\n");
        assertEquals(GeneratedPart.BEGIN + "new\n" + GeneratedPart.END, Files.readString(fresh));
    }
}
