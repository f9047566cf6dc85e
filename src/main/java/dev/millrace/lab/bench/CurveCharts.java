package dev.millrace.lab.bench;

import java.util.List;
import java.util.Locale;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** The curves of latency against load: a chart for the page, and its table. */
final class CurveCharts {
    private static final List<String> PERCENTILES = List.of("p50", "p99", "p99_9");

    private CurveCharts() {}

    /** One chart per percentile, with all profiles, so that two curves are compared. */
    static List<XYChart> all(List<Curve> curves) {
        return curves.isEmpty()
                ? List.of()
                : PERCENTILES.stream().map(percentile -> chart(curves, percentile)).toList();
    }

    private static XYChart chart(List<Curve> curves, String percentile) {
        XYChart chart =
                BenchCharts.lines(
                        name(percentile) + " without download (ms) at load (%)", "#,##0.#");
        for (Curve curve : curves) {
            List<Double> loads = curve.points().stream().map(Curve.Point::load).toList();
            List<Double> values =
                    curve.points().stream()
                            // A logarithm has no zero, and nothing takes less than the axis.
                            .map(point -> Math.max(1, point.withoutDownload(percentile)))
                            .toList();
            chart.addSeries(curve.profile().label(), loads, values).setMarker(SeriesMarkers.CIRCLE);
        }
        // From decade to decade, since only decades have labels.
        double most =
                curves.stream()
                        .flatMap(curve -> curve.points().stream())
                        .mapToDouble(point -> point.withoutDownload(percentile))
                        .max()
                        .orElse(1);
        chart.getStyler()
                .setYAxisLogarithmic(true)
                .setYAxisMin(1.0)
                .setYAxisMax(Math.pow(10, Math.max(1, Math.ceil(Math.log10(most)))));
        return chart;
    }

    private static String name(String percentile) {
        return percentile.replace('_', '.');
    }

    /** The rows of the table, for the page and the terminal. */
    static List<String[]> rows(List<Curve> curves) {
        return curves.stream()
                .flatMap(curve -> curve.points().stream().map(point -> row(curve, point)))
                .toList();
    }

    private static String[] row(Curve curve, Curve.Point point) {
        return new String[] {
            curve.profile().label(),
            text("%.0f %%", point.load()),
            text("%.0f", point.rate()),
            text("%.1f", point.withoutDownload("p50")),
            text("%.1f", point.withoutDownload("p99")),
            text("%.1f", point.withoutDownload("p99_9")),
            text("%.1f", point.withDownload("p50")),
            text("%.1f", point.withDownload("p99")),
            text("%.2f", point.cores())
        };
    }

    static final String[] HEAD = {
        "load", "images/s", "p50", "p99", "p99.9", "p50 with download", "p99 with", "CPU cores, all"
    };

    private static String text(String format, double value) {
        return String.format(Locale.ROOT, format, value);
    }
}
