package dev.millrace.lab.check;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The report as a section of {@code docs/gpu-results.md}: what was checked and found, the figures
 * behind it, and the command and the time of each.
 */
final class Page {
    private final Report report;
    private final List<Step> steps;
    private final StringBuilder text = new StringBuilder();

    Page(Report report, List<Step> steps) {
        this.report = report;
        this.steps = steps;
    }

    /** In Markdown. */
    String text() {
        Map<String, String> facts = report.facts();
        String card = facts.getOrDefault("card", facts.getOrDefault("doctor", "card unknown"));
        line("## %s, %s".formatted(report.date(), card));
        line("");
        line(report.good() ? "All is well." : "Not all is well: " + bad() + ".");
        line("");
        line("| the host | |");
        line("|---|---|");
        facts.forEach((name, value) -> line("| %s | %s |".formatted(name, cell(value))));
        line("");
        line("| step | | result | seconds | |");
        line("|---|---|---|---:|---|");
        for (Report.Row row : report.rows()) {
            line(
                    "| %d %s | %s | %s | %s | %s |"
                            .formatted(
                                    row.step(),
                                    steps.get(row.step() - 1).title(),
                                    row.name(),
                                    row.verdict().result().label(),
                                    rounded(row.seconds(), 1),
                                    cell(row.verdict().says())));
        }
        report.figures().forEach(this::figures);
        commands();
        return text.toString();
    }

    private String bad() {
        return String.join(
                ", ",
                report.rows().stream()
                        .filter(
                                row ->
                                        row.verdict().result() == Verdict.Result.FAILED
                                                || row.verdict().result() == Verdict.Result.SKIPPED)
                        .map(row -> row.name() + " " + row.verdict().result().label())
                        .toList());
    }

    private void figures(String name, JsonNode figures) {
        JsonNode first = figures.isArray() ? figures.path(0) : figures.path("rows").path(0);
        if (first.has("series_ms")) {
            overlap(name, figures);
        } else if (first.has("three_streams") && figures.path("rows").size() > 1) {
            streams(name, figures.path("rows"));
        }
    }

    private void overlap(String name, JsonNode rows) {
        line("");
        line("### %s".formatted(name));
        line("");
        line(
                "Milliseconds per batch of (i) computing alone, (ii) copying, computing and"
                        + " copying on one lane, and (iii) two lanes.");
        line("");
        line(
                "| batch | (i) | (ii) | (iii) | rate of (iii) in (i) | (iii) times (ii) | images/s of (iii) |");
        line("|---:|---:|---:|---:|---:|---:|---:|");
        for (JsonNode row : rows) {
            double compute = row.path("compute_ms").asDouble();
            double series = row.path("series_ms").asDouble();
            double two = row.path("double_ms").asDouble();
            int batch = row.path("batch").asInt();
            line(
                    "| %d | %s | %s | %s | %s %% | %s | %s |"
                            .formatted(
                                    batch,
                                    rounded(compute, 3),
                                    rounded(series, 3),
                                    rounded(two, 3),
                                    rounded(100 * compute / two, 1),
                                    rounded(series / two, 2),
                                    rounded(1e3 * batch / two, 0)));
        }
    }

    private void streams(String name, JsonNode rows) {
        line("");
        line("### %s".formatted(name));
        line("");
        line(
                "Each cell has the share of the rate of computing alone, and the milliseconds"
                        + " from sending a batch to its end.");
        line("");
        line(
                "| batch | spin, ms | compute, ms | copy in, ms | 1 lane | 2 lanes | 3 lanes | three streams, 2 | three streams, 3 |");
        line("|---:|---:|---:|---:|---:|---:|---:|---:|---:|");
        for (JsonNode row : rows) {
            double compute = row.path("compute_ms").asDouble();
            StringBuilder cells = new StringBuilder();
            for (String arrangement : List.of("lanes", "three_streams")) {
                for (JsonNode timing : row.path(arrangement)) {
                    cells.append(
                            " %s %%, %s |"
                                    .formatted(
                                            rounded(
                                                    100
                                                            * compute
                                                            / timing.path("batch_ms").asDouble(),
                                                    1),
                                            rounded(timing.path("latency_ms").asDouble(), 2)));
                }
            }
            line(
                    "| %d | %s | %s | %s |%s"
                            .formatted(
                                    row.path("batch").asInt(),
                                    rounded(row.path("spin_ms").asDouble(), 2),
                                    rounded(compute, 3),
                                    rounded(row.path("copy_in_ms").asDouble(), 3),
                                    cells));
        }
    }

    /** What each row was found with. */
    private void commands() {
        line("");
        line("### Commands");
        line("");
        line("```");
        report.rows().stream()
                .filter(row -> !row.command().isEmpty())
                .forEach(
                        row ->
                                line(
                                        "%-2d %6s s  %s"
                                                .formatted(
                                                        row.step(),
                                                        rounded(row.seconds(), 1),
                                                        row.command())));
        line("```");
    }

    private void line(String line) {
        text.append(line).append('\n');
    }

    private static String cell(String value) {
        return value.replace("|", "\\|");
    }

    private static String rounded(double value, int digits) {
        return String.format(Locale.ROOT, "%." + digits + "f", value);
    }
}
