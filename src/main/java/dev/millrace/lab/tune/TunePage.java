package dev.millrace.lab.tune;

import dev.millrace.lab.bench.BenchCharts;
import dev.millrace.lab.bench.Html;
import dev.millrace.lab.bench.Machine;
import java.io.IOException;
import java.util.List;
import org.knowm.xchart.CategoryChart;
import org.knowm.xchart.CategorySeries;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** The runs as one page that needs nothing else. */
final class TunePage {
    private TunePage() {}

    static String html(TuneReport report, List<String> reasons) throws IOException {
        StringBuilder page = new StringBuilder(Html.head("Millrace tune"));
        page.append("<p class=\"small\">Measured on ")
                .append(Html.escaped(Machine.sentence(Machine.json())))
                .append(".</p>\n<ul>\n");
        reasons.forEach(
                reason -> page.append("<li>").append(Html.escaped(reason)).append("</li>\n"));
        page.append("</ul>\n<div class=\"charts\">\n");
        List<Measurement> medians = report.medians();
        page.append(BenchCharts.svg(rates(medians))).append('\n');
        page.append(BenchCharts.svg(latencies(medians, report.goal()))).append("\n</div>\n");
        page.append("<h2>Runs</h2>\n").append(report.html());
        return page.append("</body>\n</html>").toString();
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
}
