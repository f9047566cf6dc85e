package dev.millrace.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.observe.GpuScrape;
import dev.millrace.testing.PromText;
import dev.millrace.testing.Promtool;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

/** The list of metrics in the documents is what a worker exports, and breaks no rule of names. */
@Isolated("its scene counts the threads of the process")
class MetricsPageTest extends WithWorkerScene {
    private static final Path PAGE = Path.of("docs", "metrics.md");

    /** What a collector has not done yet, or another one does, is not there. */
    private static final String SOMETIMES = "| `jvm_gc_";

    private String scrape() throws Exception {
        Map<String, String> settings = WorkerScene.settings();
        settings.put("MILLRACE_SERVE_PORT", "0");
        try (Worker worker = Worker.start(scene.config(settings))) {
            scene.send();
            scene.internet.await(1, 30);
            return WorkerScene.text(worker, "/metrics");
        }
    }

    private static List<String> always(String page) {
        return page.lines().filter(line -> !line.startsWith(SOMETIMES)).toList();
    }

    @Test
    void thePageSaysWhatAWorkerExports() throws Exception {
        PromText gpu = new PromText(GpuScrape.text(Files.createDirectory(folder.resolve("gpu"))));
        String page = new MetricsPage(List.of(new PromText(scrape()), gpu)).text();
        if (Boolean.getBoolean("millrace.write")) {
            Files.writeString(PAGE, page);
        }
        String there = Files.readString(PAGE);
        assertEquals(always(there), always(page), PAGE + " is old; it says how to write it anew");
        for (String line : page.lines().filter(one -> one.startsWith(SOMETIMES)).toList()) {
            if (line.startsWith(SOMETIMES + "concurrent_")) {
                // Of G1 in a JVM that has run many tests; a worker's collector has no such phase.
                continue;
            }
            String name = line.substring(0, line.indexOf('`', SOMETIMES.length()));
            assertTrue(there.contains(name), name + " is not in " + PAGE);
        }
        assertTrue(page.lines().filter(line -> line.startsWith("| `millrace_")).count() > 40, page);
    }

    /** Each metric has a sentence, and no two say the same. */
    @Test
    void eachSentenceSaysOneThing() throws Exception {
        List<String> said =
                new PromText(scrape())
                        .families().stream()
                                .filter(one -> !one.name().startsWith("jvm_"))
                                .map(PromText.Family::help)
                                .toList();
        assertTrue(said.stream().allMatch(one -> one.length() > 10), said::toString);
        assertEquals(said.size(), said.stream().distinct().count(), said::toString);
    }

    @Test
    void promtoolAcceptsAllButTritonsNames() throws Exception {
        String all = scrape();
        Promtool.Said of = Promtool.run(without(all, "nv_"), "check", "metrics");
        assertEquals(0, of.exitCode(), of.output());
        assertEquals("", of.output());
        // The control: those of Triton's it does not accept.
        Promtool.Said with = Promtool.run(all, "check", "metrics");
        assertNotEquals(0, with.exitCode(), with.output());
        assertTrue(with.output().lines().allMatch(one -> one.startsWith("nv_")), with.output());
    }

    private static String without(String text, String prefix) {
        return text.lines()
                .filter(
                        line ->
                                Stream.of("", "# HELP ", "# TYPE ")
                                        .noneMatch(mark -> line.startsWith(mark + prefix)))
                .collect(Collectors.joining("\n", "", "\n"));
    }

    /** One in the documents is found; a metric that nobody lists is, too. */
    @Test
    void negativeControlTheListFindsWhatIsNew() throws Exception {
        String text = scrape();
        String more =
                text + "# HELP millrace_new New.\n# TYPE millrace_new gauge\nmillrace_new 1\n";
        assertNotEquals(
                new MetricsPage(List.of(new PromText(text))).text(),
                new MetricsPage(List.of(new PromText(more))).text());
    }
}
