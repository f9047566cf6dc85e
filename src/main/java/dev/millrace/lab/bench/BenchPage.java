package dev.millrace.lab.bench;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.knowm.xchart.CategoryChart;
import org.knowm.xchart.XYChart;

/** The report as one page that needs nothing else. */
final class BenchPage {
    private BenchPage() {}

    static String html(Results results) throws IOException {
        StringBuilder page = new StringBuilder(Html.head("Millrace bench"));
        page.append("<p>")
                .append(
                        results.summaries().isEmpty()
                                ? "Latency against load, of both profiles."
                                : "The same worker in "
                                        + results.summaries().size()
                                        + " ways to run it.")
                .append(" Measured on ")
                .append(Html.escaped(Machine.sentence(results.machine())))
                .append(".</p>\n<p class=\"small\">")
                .append(Html.escaped(settings(results.settings())))
                .append("</p>\n<div class=\"charts\">\n");
        for (CategoryChart chart : BenchCharts.all(results)) {
            page.append(BenchCharts.svg(chart)).append('\n');
        }
        for (XYChart chart : CurveCharts.all(results.curves())) {
            page.append(BenchCharts.svg(chart)).append('\n');
        }
        page.append("</div>\n");
        if (!results.summaries().isEmpty()) {
            configurations(page, results);
        }
        if (!results.curves().isEmpty()) {
            curves(page, results);
        }
        return page.append("</body>\n</html>").toString();
    }

    private static String settings(JsonNode settings) {
        return settings.properties().stream()
                .map(setting -> setting.getKey().replace('_', ' ') + " " + text(setting.getValue()))
                .collect(Collectors.joining(", "));
    }

    private static String text(JsonNode value) {
        return value.isValueNode() ? value.asText() : value.toString();
    }

    private static void configurations(StringBuilder page, Results results) {
        List<Summary> all = results.summaries();
        page.append("<h2>Throughput</h2>\n<p class=\"small\">")
                .append("The queue is never empty. Helpers: the queue, the image host and the")
                .append(" sink, in a process of their own. Heap: allocated beyond the image")
                .append(" itself.</p>\n")
                .append(Table.html(BenchColumns.THROUGHPUT, all));
        List<String> ratios = results.ratios("%.1f × %s");
        if (!ratios.isEmpty()) {
            page.append("<p>millrace is ").append(String.join(", ", ratios)).append(".</p>\n");
        }
        if (!results.cold().isEmpty()) {
            page.append("<h2>The first seconds</h2>\n<p class=\"small\">")
                    .append(
                            "These are the figures of a process that finds the queue full when it starts; later it is warm.</p>\n")
                    .append(Table.html(BenchColumns.COLD, results.cold()));
        }
        page.append("<h2>Latency</h2>\n<p class=\"small\">")
                .append("From the queue to the callback, in ms. Messages come at a fixed rate, and")
                .append(" each counts from the moment for which it was scheduled. ")
                .append(rates(all))
                .append("</p>\n")
                .append(
                        Table.html(
                                BenchColumns.LATENCY,
                                all.stream().filter(one -> one.median().hasLatency()).toList()))
                .append("<h2>Where the time goes</h2>\n")
                .append(Table.html(BenchColumns.USE, all))
                .append("<h2>Configurations</h2>\n")
                .append(Table.html(BenchColumns.CONFIGURATION, all));
    }

    /** Latencies of different rates are no comparison. */
    private static String rates(List<Summary> all) {
        List<Double> rates =
                all.stream()
                        .map(Summary::median)
                        .filter(Run::hasLatency)
                        .map(Run::rate)
                        .distinct()
                        .toList();
        return rates.size() > 1
                ? "The rates differ, each being a share of what its configuration reached, so these"
                        + " figures do not compare the configurations; with --rate they do."
                : "The rate is the same for all.";
    }

    private static void curves(StringBuilder page, Results results) {
        page.append("<h2>Latency against load</h2>\n<p class=\"small\">")
                .append("From the queue to the callback in ms. Only the columns \"with\" include")
                .append(" the download that the worker reports. 100 % load is what the throughput")
                .append(" profile reaches with a queue that is never empty. ")
                .append(floor(results.queueFloor()))
                .append("</p>\n")
                .append(Table.html(BenchColumns.CURVE, results.points()));
    }

    /** What the queue alone takes, in a sentence. */
    static String floor(JsonNode floor) {
        return String.format(
                Locale.ROOT,
                "The queue alone, from sending to receipt by a client that does nothing else:"
                        + " p50 %.1f, p99 %.1f.",
                floor.path("p50").asDouble(),
                floor.path("p99").asDouble());
    }
}
