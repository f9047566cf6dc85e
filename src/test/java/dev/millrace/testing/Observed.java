package dev.millrace.testing;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** What is in {@code deploy/observe}: the alerts, their tests and the dashboard. */
public final class Observed {
    public static final Path FOLDER = Path.of("deploy", "observe");
    public static final Path RULES = FOLDER.resolve("alerts.yaml");

    private static final ObjectMapper YAML = new ObjectMapper(new YAMLFactory());
    private static final ObjectMapper JSON = new ObjectMapper();

    private Observed() {}

    /** The alerts of these rules, by name. */
    public static Map<String, JsonNode> alerts(String rules) throws IOException {
        Map<String, JsonNode> alerts = new LinkedHashMap<>();
        for (JsonNode group : YAML.readTree(rules).path("groups")) {
            group.path("rules").forEach(rule -> alerts.put(rule.path("alert").asText(), rule));
        }
        return alerts;
    }

    public static Map<String, JsonNode> alerts() throws IOException {
        return alerts(Files.readString(RULES));
    }

    /** The cases of their tests. */
    public static JsonNode cases() throws IOException {
        return YAML.readTree(Files.readString(FOLDER.resolve("alerts.test.yaml"))).path("tests");
    }

    public static JsonNode dashboard() throws IOException {
        return JSON.readTree(Files.readString(FOLDER.resolve("dashboard.json")));
    }

    /** All queries of the dashboard, as they are written there, by the place that has them. */
    public static Map<String, String> queries() throws IOException {
        Map<String, String> queries = new LinkedHashMap<>();
        JsonNode dashboard = dashboard();
        for (JsonNode panel : dashboard.path("panels")) {
            for (JsonNode target : panel.path("targets")) {
                queries.put(
                        panel.path("title").asText() + " " + target.path("refId").asText(),
                        target.path("expr").asText());
            }
        }
        dashboard
                .at("/annotations/list")
                .forEach(one -> queries.put(one.path("name").asText(), one.path("expr").asText()));
        return queries;
    }

    /** A query with what Grafana puts in the place of its variables, where all is chosen. */
    public static String filledIn(String query, String interval) {
        return query.replace("$__rate_interval", interval)
                .replace("$instance", ".*")
                .replace("$task", ".*");
    }

    /** The metrics that the variables of the dashboard ask for, as queries. */
    public static List<String> variables() throws IOException {
        return Stream.of(dashboard().at("/templating/list"))
                .flatMap(list -> list.valueStream())
                .filter(one -> one.path("type").asText().equals("query"))
                .map(one -> one.path("definition").asText())
                .map(one -> one.replaceFirst("label_values\\((.*), (\\w+)\\)", "sum by ($2) ($1)"))
                .toList();
    }
}
