package dev.millrace.lab.bench;

import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.text.DecimalFormat;
import java.text.DecimalFormatSymbols;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;
import javax.imageio.ImageIO;
import org.knowm.xchart.CategoryChart;
import org.knowm.xchart.CategoryChartBuilder;
import org.knowm.xchart.ChartEncoder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.internal.chartpart.Chart;
import org.knowm.xchart.style.AxesChartStyler;
import org.knowm.xchart.style.Styler;

/** The charts of the report, for the page as SVG and together as one picture. */
public final class BenchCharts {
    private static final int WIDTH = 560;
    private static final int HEIGHT = 340;
    private static final int PICTURE_SCALE = 2;

    private static final Color INK = new Color(0x22, 0x2b, 0x35);
    private static final Color GRID = new Color(0xe3, 0xe7, 0xeb);
    private static final Color[] COLORS = {
        new Color(0x1f, 0x6f, 0xb2),
        new Color(0xe0, 0x8e, 0x2b),
        new Color(0x3a, 0x9a, 0x6c),
        new Color(0xb8, 0x4a, 0x62),
        new Color(0x7a, 0x62, 0xa8),
        new Color(0x54, 0xb3, 0xc4),
        new Color(0x9a, 0xa5, 0xb1),
        new Color(0xc9, 0xb4, 0x3c),
        new Color(0x5b, 0x68, 0x75),
        new Color(0xd9, 0x7b, 0x9d)
    };

    private BenchCharts() {}

    /** All charts, in the order of the page. */
    static List<CategoryChart> all(Results results) {
        if (results.summaries().isEmpty()) {
            return List.of();
        }
        List<CategoryChart> charts = new ArrayList<>(overview(results));
        charts.add(roles(results));
        if (results.summaries().stream().anyMatch(summary -> summary.median().hasLatency())) {
            charts.add(latencies(results));
        }
        return charts;
    }

    private static List<CategoryChart> overview(Results results) {
        return List.of(
                single(results, "Images per second", "images/s", "#,##0.#", Run::imagesPerSecond),
                cpu(results),
                single(
                        results,
                        "Time in which the device computes",
                        "% of the time",
                        "0",
                        run -> 100 * run.deviceBusy()),
                single(results, "Memory of the worker at its peak", "MB", "0", Run::peakRssMb));
    }

    private static CategoryChart cpu(Results results) {
        CategoryChart chart = chart("CPU in use", "cores", "0.0");
        List<String> labels = labels(results, "0.0", run -> run.workerCores() + run.helperCores());
        chart.addSeries("worker", labels, values(results, Run::workerCores));
        chart.addSeries("queue, image host, sink", labels, values(results, Run::helperCores));
        return chart;
    }

    private static CategoryChart single(
            Results results,
            String title,
            String unit,
            String pattern,
            ToDoubleFunction<Run> value) {
        CategoryChart chart = chart(title, unit, pattern);
        chart.addSeries(title, labels(results, pattern, value), values(results, value));
        chart.getStyler().setLegendVisible(false);
        return chart;
    }

    private static CategoryChart roles(Results results) {
        CategoryChart chart = chart("CPU per image, by role", "ms of CPU", "0.0");
        for (String role : results.roles()) {
            series(chart, results, role, run -> run.cpuMsByRole().getOrDefault(role, 0.0));
        }
        chart.getStyler()
                // The legend takes the room that names beside each other need.
                .setXAxisLabelRotation(30)
                .setLegendPosition(Styler.LegendPosition.OutsideE)
                .setLegendLayout(Styler.LegendLayout.Vertical);
        return chart;
    }

    private static CategoryChart latencies(Results results) {
        List<Run> measured =
                results.summaries().stream().map(Summary::median).filter(Run::hasLatency).toList();
        CategoryChart chart = chart("Latency from the queue to the callback", "ms", "#,##0");
        // Each may have been measured at a rate of its own.
        chart.setXAxisTitle("measured at so many images/s");
        chart.getStyler().setStacked(false);
        List<String> labels =
                measured.stream().map(run -> label(run, "#,##0.#", run.rate())).toList();
        for (String percentile : List.of("p50", "p99", "p99_9")) {
            chart.addSeries(
                    percentile.replace('_', '.'),
                    labels,
                    measured.stream().map(run -> run.latency(percentile)).toList());
        }
        return chart;
    }

    private static CategoryChart chart(String title, String unit, String pattern) {
        return chart(title, unit, pattern, Configuration.values().length);
    }

    /**
     * An empty chart in the style of the reports.
     *
     * @param unit of the values, beside the axis
     * @param pattern of the numbers there
     * @param bars at most
     */
    public static CategoryChart chart(String title, String unit, String pattern, int bars) {
        CategoryChart chart =
                new CategoryChartBuilder()
                        .width(WIDTH)
                        .height(HEIGHT)
                        .title(title)
                        .yAxisTitle(unit)
                        .build();
        chart.getStyler()
                .setStacked(true)
                .setAvailableSpaceFill(0.7)
                .setYAxisMin(0.0)
                // Without a number XChart divides by the labels that fit, which may be none.
                .setXAxisMaxLabelCount(Math.max(2, bars));
        style(chart.getStyler(), pattern);
        return chart;
    }

    /** A chart of lines in the look of the others. */
    static XYChart lines(String title, String across, String unit, String pattern) {
        XYChart chart =
                new XYChartBuilder()
                        .width(WIDTH)
                        .height(HEIGHT)
                        .title(title)
                        .xAxisTitle(across)
                        .yAxisTitle(unit)
                        .build();
        style(chart.getStyler(), pattern);
        return chart;
    }

    private static void style(AxesChartStyler styler, String pattern) {
        Font font = new Font(Font.SANS_SERIF, Font.PLAIN, 12);
        styler.setYAxisDecimalPattern(pattern)
                .setAxisTickLabelsFont(font)
                .setAxisTitleFont(font)
                .setPlotGridVerticalLinesVisible(false)
                .setPlotGridLinesColor(GRID)
                .setBaseFont(font)
                .setChartTitleFont(font.deriveFont(Font.BOLD, 16f))
                .setLegendFont(font)
                .setLegendPosition(Styler.LegendPosition.OutsideS)
                .setLegendLayout(Styler.LegendLayout.Horizontal)
                .setLegendBorderColor(Color.WHITE)
                .setChartTitleBoxVisible(false)
                .setChartBackgroundColor(Color.WHITE)
                .setPlotBorderVisible(false)
                .setChartFontColor(INK)
                .setSeriesColors(COLORS);
    }

    /** The configurations with what their bars show, for bars that are too low to be read. */
    private static List<String> labels(
            Results results, String pattern, ToDoubleFunction<Run> value) {
        return results.summaries().stream()
                .map(Summary::median)
                .map(run -> label(run, pattern, value.applyAsDouble(run)))
                .toList();
    }

    private static String label(Run run, String pattern, double value) {
        return run.configuration().label()
                + " "
                + new DecimalFormat(pattern, DecimalFormatSymbols.getInstance(Locale.ROOT))
                        .format(value);
    }

    private static List<Double> values(Results results, ToDoubleFunction<Run> value) {
        return results.summaries().stream()
                .map(summary -> value.applyAsDouble(summary.median()))
                .toList();
    }

    private static void series(
            CategoryChart chart, Results results, String name, ToDoubleFunction<Run> value) {
        List<String> labels =
                results.summaries().stream()
                        .map(summary -> summary.configuration().label())
                        .toList();
        chart.addSeries(name, labels, values(results, value));
    }

    /** The chart as an element of a page. */
    public static String svg(Chart<?, ?> chart) throws IOException {
        String svg = new String(ChartEncoder.getBytes(chart, "svg"), StandardCharsets.UTF_8);
        return svg.substring(svg.indexOf("<svg"));
    }

    /** The first four charts, or else the curves, two by two. */
    static void png(Results results, Path file) throws IOException {
        List<Chart<?, ?>> charts =
                new ArrayList<>(
                        results.summaries().isEmpty()
                                ? CurveCharts.all(results.curves())
                                : overview(results));
        BufferedImage picture =
                new BufferedImage(
                        2 * WIDTH * PICTURE_SCALE,
                        2 * HEIGHT * PICTURE_SCALE,
                        BufferedImage.TYPE_INT_RGB);
        Graphics2D all = picture.createGraphics();
        all.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
        all.scale(PICTURE_SCALE, PICTURE_SCALE);
        all.setColor(Color.WHITE);
        all.fillRect(0, 0, 2 * WIDTH, 2 * HEIGHT);
        for (int i = 0; i < charts.size(); i++) {
            Graphics2D one = (Graphics2D) all.create();
            one.translate(i % 2 * WIDTH, i / 2 * HEIGHT);
            charts.get(i).paint(one, WIDTH, HEIGHT);
            one.dispose();
        }
        all.dispose();
        ImageIO.write(picture, "png", file.toFile());
    }
}
