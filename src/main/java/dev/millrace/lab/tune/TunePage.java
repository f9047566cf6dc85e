package dev.millrace.lab.tune;

import dev.millrace.lab.bench.BenchCharts;
import dev.millrace.lab.bench.Html;
import dev.millrace.lab.bench.Machine;
import java.io.IOException;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import org.knowm.xchart.CategoryChart;
import org.knowm.xchart.CategorySeries;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** The runs as one page that needs nothing else. */
final class TunePage {
    private TunePage() {}

    static String html(Choice choice, Goal goal, List<String> reasons) throws IOException {
        StringBuilder page = new StringBuilder(Html.head("Millrace tune"));
        page.append("<p class=\"small\">Measured on ")
                .append(Html.escaped(Machine.sentence(Machine.json())))
                .append(".</p>\n<ul>\n");
        reasons.forEach(
                reason -> page.append("<li>").append(Html.escaped(reason)).append("</li>\n"));
        page.append("</ul>\n<div class=\"charts\">\n");
        List<Measurement> medians = medians(choice);
        page.append(BenchCharts.svg(rates(medians))).append('\n');
        page.append(BenchCharts.svg(latencies(medians, goal))).append("\n</div>\n");
        table(page, choice);
        return page.append("</body>\n</html>").toString();
    }

    private static List<Measurement> medians(Choice choice) {
        return choice.measured().stream()
                .map(Measurement::setting)
                .distinct()
                .map(setting -> Choice.median(choice.measured(), setting))
                .sorted(Comparator.comparingDouble(Measurement::imagesPerSecond))
                .toList();
    }

    private static List<String> names(List<Measurement> runs) {
        return runs.stream().map(run -> run.setting().key()).toList();
    }

    private static CategoryChart rates(List<Measurement> runs) {
        CategoryChart chart = BenchCharts.chart("Images per second", "#,##0", runs.size());
        chart.addSeries(
                "images/s", names(runs), runs.stream().map(Measurement::imagesPerSecond).toList());
        return slanted(chart);
    }

    private static CategoryChart latencies(List<Measurement> runs, Goal goal) {
        CategoryChart chart =
                BenchCharts.chart(
                        "p" + goal.percentile() + " without the download (ms)",
                        "#,##0",
                        runs.size());
        chart.getStyler().setStacked(false);
        chart.addSeries(
                "measured", names(runs), runs.stream().map(Measurement::latencyMs).toList());
        CategorySeries bound =
                chart.addSeries(
                        "bound",
                        names(runs),
                        runs.stream().map(_ -> goal.bound().toNanos() / 1e6).toList());
        bound.setChartCategorySeriesRenderStyle(CategorySeries.CategorySeriesRenderStyle.Line);
        bound.setMarker(SeriesMarkers.NONE);
        return slanted(chart);
    }

    private static CategoryChart slanted(CategoryChart chart) {
        chart.getStyler().setXAxisLabelRotation(60);
        return chart;
    }

    private static void table(StringBuilder page, Choice choice) {
        page.append(
                        "<h2>Runs</h2>\n<div class=\"wide\"><table>\n<tr><th>run</th><th>threads</th><th>batch</th><th>lanes</th>")
                .append("<th>linger ms</th><th>images/s</th><th>ms</th><th>CPU-ms per image</th>")
                .append("<th>device busy</th><th>mean batch</th><th></th></tr>\n");
        int number = 1;
        for (Measurement run : choice.measured()) {
            Setting setting = run.setting();
            page.append(
                    String.format(
                            Locale.ROOT,
                            "<tr><td>%d</td><td>%d</td><td>%d</td><td>%d</td><td>%d</td><td>%.1f</td>"
                                    + "<td>%.1f</td><td>%.2f</td><td>%.0f %%</td><td>%.1f</td>"
                                    + "<td class=\"text\">%s%s</td></tr>%n",
                            number++,
                            setting.threads(),
                            setting.batch(),
                            setting.lanes(),
                            setting.linger().toMillis(),
                            run.imagesPerSecond(),
                            run.latencyMs(),
                            run.cpuMs(),
                            100 * run.deviceBusy(),
                            run.meanBatch(),
                            Html.escaped(run.limitedBy()),
                            setting.equals(choice.chosen()) ? " <b>chosen</b>" : ""));
        }
        page.append("</table></div>\n");
    }
}
