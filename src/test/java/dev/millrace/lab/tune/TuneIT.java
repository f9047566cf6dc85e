package dev.millrace.lab.tune;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.millrace.config.ConfigReader;
import dev.millrace.config.WorkerConfig;
import dev.millrace.testing.CommandProcess;
import dev.millrace.testing.Slow;
import dev.millrace.testing.WaitsMostly;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code tune} as a user runs it, for a few seconds. The device is so slow that batches decide: one
 * image at a time comes to 25 images a second, eight to 166.
 */
@WaitsMostly
@Slow
class TuneIT {
    @TempDir private Path folder;

    @Test
    void aShortSearchFindsTheBatchAndWritesAConfiguration() throws Exception {
        Path config =
                Files.writeString(
                        folder.resolve("worker.yaml"),
                        "models:\n  - {task: safety, bundle: "
                                + Path.of("engines/safety").toAbsolutePath()
                                + "}\nhttp: {port: 0}\n"
                                // What is in flight is waited for after each run.
                                + "admission: {messages: 64}\n");
        CommandProcess.End tune = CommandProcess.run(300, List.of(), command(config));
        String said = tune.said();
        assertEquals(0, tune.code(), said);
        assertTrue(said.contains("<- chosen"), said);
        tuned();
        JsonNode json = new ObjectMapper().readTree(folder.resolve("tune.json").toFile());
        int runs = json.path("runs").size();
        assertTrue(runs >= 3 && runs <= 4, json::toString);
        String page = Files.readString(folder.resolve("tune.html"));
        assertEquals(3, page.split("<svg").length, "a chart is missing");
        assertFalse(page.contains("<script") || page.contains("<link"), "the page is not alone");
    }

    /** An image alone takes longer than the bound. */
    @Test
    void whereNothingKeepsTheBoundNothingIsWritten() throws Exception {
        Path output = folder.resolve("none.yaml");
        List<String> command = new ArrayList<>(List.of("tune", "--tasks=safety"));
        command.addAll(List.of("--simulate=38,1.25", "--latency-bound=1ms", "--images=4"));
        command.addAll(List.of("--threads=1", "--batches=1", "--lanes=1", "--lingers=0ms"));
        command.addAll(List.of("--latency=1ms", "--jitter=1ms", "--runs=1", "--compile=0s"));
        command.addAll(List.of("--warm-up=400ms", "--measure=1s", "--output=" + output));
        CommandProcess.End tune = CommandProcess.run(120, List.of(), command);
        assertEquals(1, tune.code(), tune.said());
        assertTrue(
                tune.said().contains("Nothing that was tried keeps the bound of 1 ms; nearest: "),
                tune.said());
        assertTrue(tune.said().contains("so nothing is written"), tune.said());
        assertFalse(tune.said().contains("chosen"), tune.said());
        assertFalse(Files.exists(output));
        // Plain lines where there is no terminal, from the first second on.
        assertTrue(tune.said().startsWith("0 % done, at most about "), tune.said());
        assertFalse(tune.said().contains("\r") || tune.said().contains("\033"), tune.said());
    }

    private void tuned() {
        WorkerConfig tuned =
                ConfigReader.read(
                        folder.resolve("worker.tuned.yaml"),
                        Map.of("MILLRACE_QUEUE_URL", "http://127.0.0.1:1/q"));
        assertEquals(Optional.of(8), tuned.models().getFirst().maxBatch());
        assertEquals(Optional.of(0), tuned.httpPort());
        assertTrue(tuned.device().simulate().isEmpty(), "what was simulated is not deployed");
    }

    private List<String> command(Path config) {
        List<String> command = new ArrayList<>(List.of("tune", "--config=" + config));
        command.addAll(List.of("--simulate=38,1.25", "--latency-bound=10s", "--images=4"));
        command.addAll(List.of("--threads=2", "--batches=1,8", "--lanes=2", "--lingers=0ms,2ms"));
        command.addAll(List.of("--latency=20ms", "--jitter=5ms", "--runs=4"));
        command.addAll(List.of("--compile=1s", "--warm-up=400ms", "--measure=800ms"));
        command.add("--json=" + folder.resolve("tune.json"));
        command.add("--html=" + folder.resolve("tune.html"));
        return command;
    }
}
