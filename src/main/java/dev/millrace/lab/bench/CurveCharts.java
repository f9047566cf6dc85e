package dev.millrace.lab.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** The curves of both profiles against load: a chart per percentile of latency, and one of CPU. */
final class CurveCharts {
    private static final List<String> PERCENTILES = List.of("p50", "p99", "p99_9");

    /** Labels of a logarithmic axis, and where it may begin and end. */
    private static final List<Integer> STEPS = List.of(1, 2, 5);

    private CurveCharts() {}

    /** Each with all profiles, so that two curves are compared. */
    static List<XYChart> all(List<Curve> curves) {
        List<XYChart> charts = new ArrayList<>();
        if (!curves.isEmpty()) {
            PERCENTILES.forEach(percentile -> charts.add(latency(curves, percentile)));
            charts.add(cpu(curves));
        }
        return charts;
    }

    private static XYChart latency(List<Curve> curves, String percentile) {
        XYChart chart =
                chart(
                        curves,
                        "Latency without the download, " + percentile.replace('_', '.'),
                        "ms from the queue to the callback",
                        // A logarithm has no zero.
                        point -> Math.max(1, point.withoutDownload(percentile)));
        double least = 1e9;
        double most = 1;
        for (Curve curve : curves) {
            for (Curve.Point point : curve.points()) {
                least = Math.min(least, Math.max(1, point.withoutDownload(percentile)));
                most = Math.max(most, point.withoutDownload(percentile));
            }
        }
        chart.getStyler()
                .setYAxisLogarithmic(true)
                .setYAxisLogarithmicDecadeOnly(false)
                .setYAxisTickLabelsFormattingFunction(CurveCharts::tick)
                .setYAxisMin(below(least))
                .setYAxisMax(above(most));
        return chart;
    }

    private static XYChart cpu(List<Curve> curves) {
        XYChart chart =
                chart(curves, "CPU of the worker and its helpers", "cores", Curve.Point::cores);
        chart.getStyler().setYAxisMin(0.0);
        return chart;
    }

    private static XYChart chart(
            List<Curve> curves, String title, String unit, ToDoubleFunction<Curve.Point> value) {
        String across =
                String.format(
                        Locale.ROOT, "load in %% of %.0f images/s", curves.getFirst().capacity());
        XYChart chart = BenchCharts.lines(title, across, unit, "#,##0.#");
        chart.getStyler().setXAxisMin(0.0).setXAxisMax(100.0);
        for (Curve curve : curves) {
            chart.addSeries(
                            "profile " + curve.profile().label(),
                            curve.points().stream().map(Curve.Point::load).toList(),
                            curve.points().stream().map(value::applyAsDouble).toList())
                    .setMarker(SeriesMarkers.CIRCLE);
        }
        return chart;
    }

    /** The next step of 1, 2, 5, 10 … that is no larger. */
    private static double below(double value) {
        double decade = Math.pow(10, Math.floor(Math.log10(value)));
        return decade
                * STEPS.reversed().stream()
                        .filter(step -> step * decade <= value)
                        .findFirst()
                        .orElse(1);
    }

    private static double above(double value) {
        double below = below(value);
        double decade = Math.pow(10, Math.floor(Math.log10(below)));
        return STEPS.stream()
                .map(step -> step * decade)
                .filter(step -> step >= value)
                .findFirst()
                .orElse(10 * decade);
    }

    /** A blank where there are too many steps to have a label each. */
    private static String tick(double value) {
        return Math.abs(below(value * 1.001) / value - 1) < 0.01
                ? String.format(Locale.ROOT, "%.0f", value)
                : " ";
    }
}
