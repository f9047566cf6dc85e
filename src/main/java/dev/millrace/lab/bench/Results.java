package dev.millrace.lab.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.lab.demo.LoadJson;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** Everything that was measured, with what and on what. */
record Results(
        JsonNode machine,
        JsonNode settings,
        List<Summary> summaries,
        JsonNode queueFloor,
        List<Curve> curves) {
    /** What {@link #json} wrote. */
    static Results read(JsonNode json) {
        List<Summary> summaries = new ArrayList<>();
        for (JsonNode configuration : json.path("configurations")) {
            Configuration which =
                    Configuration.valueOf(
                            configuration.path("name").asText().toUpperCase(Locale.ROOT));
            List<Run> runs = new ArrayList<>();
            configuration.path("rounds").forEach(round -> runs.add(Run.read(which, round)));
            summaries.add(new Summary(which, runs));
        }
        List<Curve> curves = new ArrayList<>();
        json.path("curves").forEach(curve -> curves.add(Curve.read(curve)));
        return new Results(
                json.path("machine"),
                json.path("settings"),
                summaries,
                json.path("queue_floor_ms"),
                curves);
    }

    ObjectNode json() {
        ObjectNode root = JsonNodeFactory.instance.objectNode();
        root.set("machine", machine);
        root.set("settings", settings);
        ArrayNode configurations = root.putArray("configurations");
        summaries.forEach(summary -> summary(summary, configurations.addObject()));
        ObjectNode ratios = root.putObject("millrace_to");
        ratios().forEach((other, ratio) -> ratios.put(other.label(), LoadJson.rounded(ratio)));
        if (!curves.isEmpty()) {
            root.set("queue_floor_ms", queueFloor);
            ArrayNode list = root.putArray("curves");
            curves.forEach(curve -> list.add(curve.json()));
        }
        return root;
    }

    private static void summary(Summary summary, ObjectNode json) {
        json.put("name", summary.configuration().label());
        json.put("what", summary.configuration().sentence());
        json.putObject("images_per_s")
                .put("median", summary.median().imagesPerSecond())
                .put("least", summary.least())
                .put("most", summary.most());
        json.put("median_round", summary.median().round());
        ArrayNode rounds = json.putArray("rounds");
        summary.runs().forEach(run -> rounds.add(run.json()));
    }

    /** How many times as fast the configuration {@code millrace} is; empty without it. */
    private Map<Configuration, Double> ratios() {
        Map<Configuration, Double> ratios = new LinkedHashMap<>();
        for (Summary best : summaries) {
            if (best.configuration() == Configuration.MILLRACE) {
                double rate = best.median().imagesPerSecond();
                summaries.forEach(
                        other ->
                                ratios.put(
                                        other.configuration(),
                                        rate / other.median().imagesPerSecond()));
            }
        }
        return ratios;
    }

    /**
     * A text for each of the others.
     *
     * @param format takes the number and the other's label
     */
    List<String> ratios(String format) {
        return ratios().entrySet().stream()
                .filter(ratio -> ratio.getKey() != Configuration.MILLRACE)
                .map(
                        ratio ->
                                String.format(
                                        Locale.ROOT,
                                        format,
                                        ratio.getValue(),
                                        ratio.getKey().label()))
                .toList();
    }

    /** Those of which the first seconds were measured. */
    List<Summary> cold() {
        return summaries.stream().filter(summary -> summary.median().hasCold()).toList();
    }

    /** Of the workers' threads, in all configurations. */
    Set<String> roles() {
        Set<String> roles = new TreeSet<>();
        summaries.forEach(summary -> roles.addAll(summary.median().cpuMsByRole().keySet()));
        return roles;
    }

    /** All points of all curves. */
    List<Curve.Point> points() {
        return curves.stream().flatMap(curve -> curve.points().stream()).toList();
    }

    long errors() {
        return summaries.stream()
                        .flatMap(summary -> summary.runs().stream())
                        .mapToLong(Run::errors)
                        .sum()
                + points().stream()
                        .mapToLong(Curve.Point::errors)
                        // The helpers count since their start.
                        .max()
                        .orElse(0);
    }
}
