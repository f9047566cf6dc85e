package dev.millrace.lab.tune;

import dev.millrace.lab.bench.BenchCharts;
import dev.millrace.lab.bench.Html;
import dev.millrace.lab.bench.Machine;
import java.awt.Color;
import java.io.IOException;
import java.util.List;
import java.util.function.Predicate;
import java.util.function.ToDoubleFunction;
import org.knowm.xchart.CategoryChart;
import org.knowm.xchart.CategorySeries;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** The runs as one page that needs nothing else. */
final class TunePage {
    private static final Color MARKED = new Color(0x3a, 0x9a, 0x6c);
    private static final Color KEEPS = new Color(0x1f, 0x6f, 0xb2);
    private static final Color MISSES = new Color(0xb8, 0x4a, 0x62);

    private TunePage() {}

    static String html(TuneReport report, List<String> reasons) throws IOException {
        StringBuilder page = new StringBuilder(Html.head("Millrace tune"));
        page.append("<p class=\"small\">Measured on ")
                .append(Html.escaped(Machine.sentence(Machine.json())))
                .append(".</p>\n<ul>\n");
        reasons.forEach(
                reason -> page.append("<li>").append(Html.escaped(reason)).append("</li>\n"));
        page.append("</ul>\n<div class=\"charts\">\n");
        for (CategoryChart chart : charts(report)) {
            page.append(BenchCharts.svg(chart)).append('\n');
        }
        page.append("</div>\n");
        page.append("<h2>Runs</h2>\n").append(report.html());
        return page.append("</body>\n</html>").toString();
    }

    /** In the order of the page. */
    static List<CategoryChart> charts(TuneReport report) {
        return List.of(rates(report), latencies(report));
    }

    private static CategoryChart rates(TuneReport report) {
        CategoryChart chart = chart(report, "Images per second", "images/s");
        bars(chart, report, Measurement::imagesPerSecond);
        return chart;
    }

    private static CategoryChart latencies(TuneReport report) {
        String percentile = "p" + report.goal().percentile();
        CategoryChart chart =
                chart(report, percentile + " of the latency without the download", "ms");
        bars(chart, report, Measurement::latencyMs);
        double boundMs = report.goal().bound().toNanos() / 1e6;
        CategorySeries bound =
                chart.addSeries(
                        "bound",
                        names(report),
                        report.summaries().stream().map(_ -> boundMs).toList());
        bound.setChartCategorySeriesRenderStyle(CategorySeries.CategorySeriesRenderStyle.Line);
        bound.setMarker(SeriesMarkers.NONE);
        bound.setLineColor(Color.BLACK);
        return chart;
    }

    private static CategoryChart chart(TuneReport report, String title, String unit) {
        CategoryChart chart = BenchCharts.chart(title, unit, "#,##0", report.summaries().size());
        chart.setXAxisTitle("threads x batch x lanes x linger");
        chart.getStyler().setXAxisLabelRotation(60);
        return chart;
    }

    private static List<String> names(TuneReport report) {
        return report.summaries().stream().map(run -> run.setting().key()).toList();
    }

    /** A colour for the setting that stands out, one for those that keep the bound, one more. */
    private static void bars(
            CategoryChart chart, TuneReport report, ToDoubleFunction<Measurement> value) {
        Goal goal = report.goal();
        series(chart, report, report.markWord(), MARKED, value, report::isMarked);
        series(
                chart,
                report,
                "keeps the bound",
                KEEPS,
                value,
                run -> goal.kept(run) && !report.isMarked(run));
        series(
                chart,
                report,
                "misses the bound",
                MISSES,
                value,
                run -> !goal.kept(run) && !report.isMarked(run));
    }

    /** The others are bars of no height, so that all series have the same names. */
    private static void series(
            CategoryChart chart,
            TuneReport report,
            String name,
            Color color,
            ToDoubleFunction<Measurement> value,
            Predicate<Measurement> which) {
        if (report.summaries().stream().anyMatch(which)) {
            chart.addSeries(
                            name,
                            names(report),
                            report.summaries().stream()
                                    .map(run -> which.test(run) ? value.applyAsDouble(run) : 0.0)
                                    .toList())
                    .setFillColor(color);
        }
    }
}
