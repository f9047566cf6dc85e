package dev.millrace.lab.bench;

import java.util.List;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** The curves of latency against load: a chart per percentile. */
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
}
