package dev.millrace.docs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.millrace.testing.Observed;
import dev.millrace.testing.Promtool;
import dev.millrace.testing.Slow;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The alerts, the dashboard and the runbook fit together, and Prometheus' own tools accept them.
 */
class ObserveFilesTest {
    private static final Path RUNBOOK = Path.of("docs", "runbook.md");
    private static final int COLUMNS = 24;

    @TempDir private Path folder;

    /** The sections of the runbook that are about an alert, by its name. */
    private static Map<String, String> sections() throws IOException {
        Map<String, String> sections = new TreeMap<>();
        for (String part : Files.readString(RUNBOOK).split("(?m)^#{2,3} ")) {
            String title = part.lines().findFirst().orElse("");
            if (title.startsWith("Millrace")) {
                sections.put(title, part);
            }
        }
        return sections;
    }

    @Test
    void eachAlertHasItsSectionAndEachSectionItsAlert() throws IOException {
        Map<String, JsonNode> alerts = Observed.alerts();
        assertTrue(alerts.size() >= 15, alerts.keySet()::toString);
        assertEquals(new TreeSet<>(alerts.keySet()), new TreeSet<>(sections().keySet()));
        alerts.forEach(
                (name, alert) -> {
                    assertEquals(
                            RUNBOOK + "#" + name.toLowerCase(Locale.ROOT),
                            alert.at("/annotations/runbook_url").asText());
                    assertTrue(alert.at("/annotations/summary").asText().endsWith("."), name);
                    assertTrue(
                            Set.of("page", "ticket")
                                    .contains(alert.at("/labels/severity").asText()),
                            name);
                });
    }

    @Test
    void eachSectionSaysWhatToLookAtAndWhatToDo() throws IOException {
        Set<String> panels = new HashSet<>();
        Observed.dashboard()
                .path("panels")
                .forEach(panel -> panels.add(panel.path("title").asText()));
        sections()
                .forEach(
                        (name, text) -> {
                            assertTrue(text.contains("- **Look at**: "), name);
                            assertTrue(text.contains("- **Do**: "), name);
                        });
        List<String> unknown =
                Pattern.compile("(?<!\\*)\\*([^*\n]+)\\*(?!\\*)")
                        .matcher(Files.readString(RUNBOOK))
                        .results()
                        .map(found -> found.group(1))
                        .filter(title -> !title.equals("in italics") && !panels.contains(title))
                        .toList();
        assertEquals(List.of(), unknown, "panels that the dashboard does not have");
    }

    @Test
    void promtoolAcceptsTheRulesAndTheirTestsHold() throws Exception {
        Promtool.Said rules = Promtool.run("", "check", "rules", Observed.RULES.toString());
        assertEquals(0, rules.exitCode(), rules.output());
        Promtool.Said tests = test(Files.readString(Observed.RULES), ".*");
        assertEquals(0, tests.exitCode(), tests.output());
    }

    /**
     * Runs tests on these rules.
     *
     * @param cases which, as a pattern of their names
     */
    private Promtool.Said test(String rules, String cases) throws Exception {
        Files.writeString(folder.resolve("alerts.yaml"), rules);
        Path tests = folder.resolve("alerts.test.yaml");
        Files.writeString(
                tests, Files.readString(Observed.FOLDER.resolve(tests.getFileName().toString())));
        return Promtool.run("", "test", "rules", "--run", cases, tests.toString());
    }

    /** The control: an alert that never fires, and one that always does, fail its tests. */
    @Test
    @Slow
    void eachAlertIsHeldByATest() throws Exception {
        String rules = Files.readString(Observed.RULES);
        for (String name : Observed.alerts().keySet()) {
            Pattern expression =
                    Pattern.compile("(alert: " + name + "\n *)(?s:expr: .*?)(?=\n {8}\\w)");
            for (String other : List.of("up == 7", "up >= 0")) {
                String changed = expression.matcher(rules).replaceFirst("$1expr: " + other);
                assertNotEquals(rules, changed);
                Promtool.Said said = test(changed, "^" + name + ":");
                assertNotEquals(0, said.exitCode(), name + " as " + other);
                assertTrue(said.output().contains(name), said.output());
            }
        }
    }

    @Test
    void promtoolAcceptsTheQueriesOfTheDashboard() throws Exception {
        String rules =
                Observed.queries().values().stream()
                        .map(query -> Observed.filledIn(query, "5m"))
                        .map(query -> "  - {record: a:query, expr: '%s'}\n".formatted(query))
                        .collect(Collectors.joining());
        Path file = folder.resolve("queries.yaml");
        Files.writeString(file, "groups:\n- name: queries\n  rules:\n" + rules);
        Promtool.Said said = Promtool.run("", "check", "rules", "--lint=none", file.toString());
        assertEquals(0, said.exitCode(), said.output());
        assertTrue(said.output().contains(Observed.queries().size() + " rules"), said.output());
    }

    @Test
    void theDashboardIsOneThatGrafanaTakes() throws IOException {
        JsonNode dashboard = Observed.dashboard();
        assertTrue(dashboard.path("schemaVersion").asInt() >= 36);
        assertTrue(dashboard.path("uid").isNull(), "so that it replaces nobody else's");
        Set<String> variables = new TreeSet<>();
        dashboard
                .at("/templating/list")
                .forEach(variable -> variables.add(variable.path("name").asText()));
        assertEquals(Set.of("datasource", "instance", "task"), variables);
        Set<Integer> ids = new HashSet<>();
        Set<List<Integer>> taken = new HashSet<>();
        List<String> rows = new ArrayList<>();
        for (JsonNode panel : dashboard.path("panels")) {
            String title = panel.path("title").asText();
            assertTrue(ids.add(panel.path("id").asInt()), title);
            JsonNode at = panel.path("gridPos");
            for (int x = at.path("x").asInt();
                    x < at.path("x").asInt() + at.path("w").asInt();
                    x++) {
                for (int y = at.path("y").asInt();
                        y < at.path("y").asInt() + at.path("h").asInt();
                        y++) {
                    assertTrue(x < COLUMNS && taken.add(List.of(x, y)), title + " lies on another");
                }
            }
            if (panel.path("type").asText().equals("row")) {
                rows.add(title);
                continue;
            }
            assertFalse(panel.path("description").asText().isBlank(), title);
            assertFalse(panel.path("targets").isEmpty(), title);
            for (JsonNode target : panel.path("targets")) {
                assertFalse(target.path("expr").asText().isBlank(), title);
            }
        }
        assertEquals(
                List.of(
                        "Is it well",
                        "Throughput",
                        "Latencies",
                        "Queue age",
                        "Limits",
                        "Errors by kind",
                        "Device",
                        "Duplicates and retries",
                        "Callers"),
                rows);
    }

    /** Each is the variable's; one of somebody's own Grafana would be empty everywhere else. */
    @Test
    void noDataSourceIsFixed() throws IOException {
        List<JsonNode> sources = Observed.dashboard().findValues("datasource");
        assertTrue(sources.size() > 80, sources.size() + " found");
        for (JsonNode source : sources) {
            assertEquals("${datasource}", source.path("uid").asText());
        }
    }

    /** A page that names a metric names one that there is. */
    @Test
    void eachMetricThatAPageNamesExists() throws IOException {
        Pattern name = Pattern.compile("`(millrace_[a-z_]+[a-z])(?:[`{])");
        String list = Files.readString(Path.of("docs", "metrics.md"));
        List<String> unknown = new ArrayList<>();
        int held = 0;
        for (Page page : Page.all(Path.of("").toAbsolutePath())) {
            if (page.file().startsWith("native/")) {
                // Names of functions.
                continue;
            }
            String text = Files.readString(Path.of(page.file()));
            for (MatchResult found : name.matcher(text).results().toList()) {
                held++;
                String metric = found.group(1);
                if (!list.contains("`" + metric.replaceAll("_(bucket|sum|count)$", "") + "`")
                        && !list.contains("`" + metric + "`")) {
                    unknown.add(page.file() + ": " + metric);
                }
            }
        }
        assertEquals(List.of(), unknown);
        assertTrue(held > 60, held + " names were found");
    }
}
