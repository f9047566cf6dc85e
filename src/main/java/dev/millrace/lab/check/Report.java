package dev.millrace.lab.check;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What the check has found so far: what the host is, a row for each command, and figures. Used by
 * one thread.
 */
final class Report {
    private final String date;
    private final Map<String, String> facts = new LinkedHashMap<>();
    private final List<Row> rows = new ArrayList<>();
    private final Map<String, JsonNode> figures = new LinkedHashMap<>();

    /**
     * One command.
     *
     * @param step its number
     * @param command as it may be typed; empty where nothing was run
     */
    record Row(int step, String name, Verdict verdict, double seconds, String command) {}

    /**
     * @param date such as 2026-11-27
     */
    Report(String date) {
        this.date = date;
    }

    String date() {
        return date;
    }

    /** Something about the host, such as its driver. */
    void fact(String name, String value) {
        facts.put(name, value);
    }

    Map<String, String> facts() {
        return facts;
    }

    void add(Row row) {
        rows.add(row);
    }

    List<Row> rows() {
        return rows;
    }

    /** What a command wrote for a program to read. */
    void figures(String name, JsonNode written) {
        figures.put(name, written);
    }

    Map<String, JsonNode> figures() {
        return figures;
    }

    /** Whether nothing has failed or was left out for a failure. */
    boolean good() {
        return rows.stream()
                .map(row -> row.verdict().result())
                .allMatch(result -> result == Verdict.Result.OK || result == Verdict.Result.ABSENT);
    }

    ObjectNode json() {
        ObjectNode root = JsonNodeFactory.instance.objectNode();
        root.put("result", good() ? "ok" : "failed").put("date", date);
        ObjectNode host = root.putObject("host");
        facts.forEach(host::put);
        var array = root.putArray("rows");
        for (Row row : rows) {
            array.addObject()
                    .put("step", row.step())
                    .put("name", row.name())
                    .put("result", row.verdict().result().label())
                    .put("says", row.verdict().says())
                    .put("seconds", Math.round(row.seconds() * 10) / 10.0)
                    .put("command", row.command());
        }
        root.putObject("figures").setAll(figures);
        return root;
    }
}
