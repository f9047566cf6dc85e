package dev.millrace.lab.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.cli.Count;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What a worker does in the world beside what it does in the laboratory, and with what and on what
 * that was measured.
 *
 * @param runs of each row, one a round; all rows have as many
 */
record World(JsonNode machine, JsonNode settings, Map<WorldRow, List<Run>> runs) {
    /** Of each message, and of no use to a table; with them the JSON is three times as long. */
    private static final List<String> LEFT_OUT =
            List.of("steps_ms", "latency_without_download_ms", "large_without_download_ms");

    /** What {@link #json} wrote. */
    static World read(JsonNode json) {
        Map<WorldRow, List<Run>> runs = new EnumMap<>(WorldRow.class);
        for (JsonNode row : json.path("rows")) {
            List<Run> rounds = new ArrayList<>();
            row.path("rounds")
                    .forEach(round -> rounds.add(Run.read(Configuration.MILLRACE, round)));
            runs.put(WorldRow.valueOf(row.path("name").asText().toUpperCase(Locale.ROOT)), rounds);
        }
        return new World(json.path("machine"), json.path("settings"), runs);
    }

    ObjectNode json() {
        ObjectNode root = JsonNodeFactory.instance.objectNode();
        root.set("machine", machine);
        root.set("settings", settings);
        ArrayNode table = root.putArray("table");
        lines().forEach(line -> table.add(line.json()));
        ArrayNode rows = root.putArray("rows");
        runs.forEach(
                (row, rounds) -> {
                    ObjectNode json = rows.addObject();
                    json.put("name", row.label());
                    json.put("surroundings", row.surroundings());
                    json.put("options", row.options());
                    ArrayNode list = json.putArray("rounds");
                    rounds.forEach(run -> list.add(shortened(run.json())));
                });
        return root;
    }

    private static ObjectNode shortened(ObjectNode run) {
        ObjectNode copy = run.deepCopy();
        for (String part : List.of("cold", "closed", "open")) {
            if (copy.path(part).path("helpers") instanceof ObjectNode helpers) {
                helpers.remove(LEFT_OUT);
            }
        }
        return copy;
    }

    /** In the order of the rows; what a process does first is a line of its own. */
    List<WorldLine> lines() {
        List<WorldLine> lines = new ArrayList<>();
        List<Double> laboratory =
                runs.getOrDefault(WorldRow.LABORATORY, List.of()).stream()
                        .map(Run::imagesPerSecond)
                        .toList();
        runs.forEach(
                (row, rounds) -> {
                    if (row.atRate()) {
                        lines.add(steady(row, rounds));
                        return;
                    }
                    List<JsonNode> warm = rounds.stream().map(Run::closed).toList();
                    lines.add(new WorldLine(row.surroundings(), warm, laboratory, false));
                    if (rounds.stream().allMatch(Run::hasCold)) {
                        List<JsonNode> cold = rounds.stream().map(Run::cold).toList();
                        lines.add(new WorldLine(WorldRow.FIRST_SECONDS, cold, laboratory, false));
                    }
                });
        return lines;
    }

    private static WorldLine steady(WorldRow row, List<Run> rounds) {
        if (rounds.stream().allMatch(Run::hasLatency)) {
            List<JsonNode> open = rounds.stream().map(Run::open).toList();
            return new WorldLine(row.surroundings(), open, List.of(), true);
        }
        List<JsonNode> closed = rounds.stream().map(Run::closed).toList();
        return new WorldLine(row.surroundings() + ": not reached", closed, List.of(), false);
    }

    /** From the start of the laboratory's process until it took messages. */
    String ready() {
        List<Run> cold =
                runs.getOrDefault(WorldRow.LABORATORY, List.of()).stream()
                        .filter(Run::hasCold)
                        .toList();
        return cold.isEmpty()
                ? ""
                : "A process was ready after "
                        + Spread.of(cold.stream().map(Run::readyMs).toList()).text(0)
                        + " ms, of which "
                        + Spread.of(cold.stream().map(Run::readyCpuMs).toList()).text(0)
                        + " ms of CPU.";
    }

    void print(PrintStream out) {
        out.println();
        Table.print(out, WorldLine.COLUMNS, lines());
        out.println(ready());
        out.println("measured on " + Machine.sentence(machine));
        if (errors() > 0) {
            out.println(Count.of(errors(), "message") + " got no verdict");
        }
    }

    /** The table with what is needed to measure it again. */
    String markdown() {
        StringBuilder page = new StringBuilder();
        page.append("Measured on ").append(Machine.sentence(machine)).append(". ");
        page.append(settings.path("rounds").asText()).append(" rounds of all rows in turn, ");
        page.append(settings.path("warm_up").asText()).append(" of warm-up and ");
        page.append(settings.path("measure").asText());
        page.append(" of measuring each; medians, and the least and the most in brackets.\n\n");
        page.append(Table.markdown(WorldLine.COLUMNS, lines())).append('\n');
        page.append(ready()).append("\n\n| surroundings | options |\n|---|---|\n");
        runs.keySet()
                .forEach(
                        row ->
                                page.append("| ")
                                        .append(row.surroundings())
                                        .append(" | `")
                                        .append(row.options())
                                        .append("` |\n"));
        return page.toString();
    }

    long errors() {
        return runs.values().stream().flatMap(List::stream).mapToLong(Run::errors).sum();
    }
}
