package dev.millrace.lab.bench;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.StringJoiner;
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
            table(page, results);
            ratios(page, results);
            latencies(page, results);
            uses(page, results);
            configurations(page, results);
        }
        curves(page, results);
        return page.append("</body>\n</html>").toString();
    }

    private static String settings(JsonNode settings) {
        StringBuilder text = new StringBuilder();
        for (Map.Entry<String, JsonNode> setting : settings.properties()) {
            text.append(text.isEmpty() ? "" : ", ")
                    .append(setting.getKey().replace('_', ' '))
                    .append(' ')
                    .append(text(setting.getValue()));
        }
        return text.toString();
    }

    private static String text(JsonNode value) {
        return value.isValueNode() ? value.asText() : value.toString();
    }

    private static void table(StringBuilder page, Results results) {
        page.append("<h2>Throughput</h2>\n<p class=\"small\">")
                .append(
                        "The queue is never empty. Helpers: the queue, the image host and the sink,")
                .append(
                        " in a process of their own. Heap: allocated beyond the image itself.</p>\n");
        head(
                page,
                "images/s",
                "least to most",
                "CPU cores",
                "helpers' cores",
                "CPU-ms per image",
                "device busy",
                "mean batch",
                "peak MB",
                "heap kB per image");
        results.summaries().forEach(summary -> throughput(page, summary));
        page.append("</table></div>\n");
    }

    private static void head(StringBuilder page, String... names) {
        page.append("<div class=\"wide\"><table>\n<tr><th></th>");
        for (String name : names) {
            page.append("<th>").append(Html.escaped(name)).append("</th>");
        }
        page.append("</tr>\n");
    }

    private static void throughput(StringBuilder page, Summary summary) {
        Run run = summary.median();
        page.append("<tr><td>").append(summary.configuration().label()).append("</td>");
        cell(page, "%.1f", run.imagesPerSecond());
        cell(page, "%.1f – %.1f", summary.least(), summary.most());
        cell(page, "%.2f", run.workerCores());
        cell(page, "%.2f", run.helperCores());
        cell(page, "%.2f", run.cpuMsPerImage());
        cell(page, "%.0f %%", 100 * run.deviceBusy());
        cell(page, "%.1f", run.meanBatch());
        cell(page, "%.0f", run.peakRssMb());
        cell(page, "%.0f", run.allocatedKbPerImage());
        page.append("</tr>\n");
    }

    private static void latencies(StringBuilder page, Results results) {
        page.append("<h2>Latency</h2>\n<p class=\"small\">")
                .append("From the queue to the callback, in ms. Messages come at a fixed rate, and")
                .append(" each counts from the moment for which it was scheduled.</p>\n");
        head(page, "images/s", "p50", "p90", "p99", "p99.9", "p50 without download", "p99 without");
        for (Summary summary : results.summaries()) {
            Run run = summary.median();
            if (run.hasLatency()) {
                page.append("<tr><td>").append(summary.configuration().label()).append("</td>");
                cell(page, "%.1f", run.rate());
                cell(page, "%.1f", run.latency("p50"));
                cell(page, "%.1f", run.latency("p90"));
                cell(page, "%.1f", run.latency("p99"));
                cell(page, "%.1f", run.latency("p99_9"));
                cell(page, "%.1f", run.latencyWithoutDownload("p50"));
                cell(page, "%.1f", run.latencyWithoutDownload("p99"));
                page.append("</tr>\n");
            }
        }
        page.append("</table></div>\n");
    }

    private static void curves(StringBuilder page, Results results) {
        if (results.curves().isEmpty()) {
            return;
        }
        page.append("<h2>Latency against load</h2>\n<p class=\"small\">")
                .append("From the queue to the callback in ms, without the download that the")
                .append(" worker reports, unless it says with. 100 % load is what the throughput")
                .append(" profile reaches with a queue that is never empty. ")
                .append(floor(results.queueFloor()))
                .append("</p>\n");
        head(page, CurveCharts.HEAD);
        for (String[] row : CurveCharts.rows(results.curves())) {
            page.append("<tr>");
            for (String cell : row) {
                page.append("<td>").append(Html.escaped(cell)).append("</td>");
            }
            page.append("</tr>\n");
        }
        page.append("</table></div>\n");
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

    private static void cell(StringBuilder page, String format, Object... values) {
        page.append("<td>").append(String.format(Locale.ROOT, format, values)).append("</td>");
    }

    private static void ratios(StringBuilder page, Results results) {
        List<String> ratios = new ArrayList<>();
        for (Summary summary : results.summaries()) {
            Configuration other = summary.configuration();
            results.ratio(other)
                    .filter(_ -> other != Configuration.MILLRACE)
                    .ifPresent(
                            ratio ->
                                    ratios.add(
                                            String.format(
                                                    Locale.ROOT,
                                                    "%.1f × %s",
                                                    ratio,
                                                    other.label())));
        }
        if (!ratios.isEmpty()) {
            page.append("<p>millrace is ").append(String.join(", ", ratios)).append(".</p>\n");
        }
    }

    private static void uses(StringBuilder page, Results results) {
        page.append("<h2>Where the time goes</h2>\n<div class=\"wide\"><table>\n");
        for (Summary summary : results.summaries()) {
            StringJoiner busy = new StringJoiner(", ");
            summary.median()
                    .stagesBusy()
                    .forEach(
                            (stage, share) ->
                                    busy.add(
                                            String.format(
                                                    Locale.ROOT,
                                                    "%s %.0f %%",
                                                    stage,
                                                    100 * share)));
            page.append("<tr><td>")
                    .append(summary.configuration().label())
                    .append("</td><td class=\"text\">busy: ")
                    .append(Html.escaped(busy.toString()))
                    .append("</td><td class=\"text\">")
                    .append(Html.escaped(summary.median().use()))
                    .append("</td></tr>\n");
        }
        page.append("</table></div>\n");
    }

    private static void configurations(StringBuilder page, Results results) {
        page.append("<h2>Configurations</h2>\n<div class=\"wide\"><table>\n");
        for (Summary summary : results.summaries()) {
            page.append("<tr><td>")
                    .append(summary.configuration().label())
                    .append("</td><td class=\"text\">")
                    .append(Html.escaped(summary.configuration().sentence()))
                    .append("</td><td class=\"text\">")
                    .append(Html.escaped(summary.median().limitedBy()))
                    .append("</td></tr>\n");
        }
        page.append("</table></div>\n");
    }
}
