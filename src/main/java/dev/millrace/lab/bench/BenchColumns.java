package dev.millrace.lab.bench;

import static java.util.stream.Collectors.joining;

import java.util.List;
import java.util.Locale;
import java.util.function.Function;

/** What the report of {@code bench} shows of a configuration and of a point of a curve. */
final class BenchColumns {
    private static final Column<Summary> LABEL =
            Column.of("%s", summary -> summary.configuration().label());

    static final List<Column<Summary>> THROUGHPUT =
            List.of(
                    LABEL.terminal("", -11).page(""),
                    of("%.1f", Run::imagesPerSecond).terminal("images/s", 9).page("images/s"),
                    Column.of("%s", BenchColumns::range)
                            .terminal("least to most", 15)
                            .page("least to most"),
                    of("%.2f", Run::workerCores).terminal("CPU", 7).page("CPU cores"),
                    of("%.2f", Run::helperCores).terminal("helpers", 8).page("helpers' cores"),
                    of("%.2f", Run::cpuMsPerImage).page("CPU-ms per image"),
                    of("%.0f %%", run -> 100 * run.deviceBusy()).page("device busy"),
                    of("%.0f%%", run -> 100 * run.deviceBusy()).terminal("device", 7),
                    of("%.1f", Run::meanBatch).terminal("batch", 7).page("mean batch"),
                    of("%s", BenchColumns::resident)
                            .terminal("MB/peak", 11)
                            .page("resident / peak MB"),
                    of("%.2f", Run::cpuMsPerImage).terminal("CPU-ms", 7),
                    of("%.0f", Run::allocatedKbPerImage)
                            .terminal("kB heap", 9)
                            .page("heap kB per image"),
                    of("%s", BenchColumns::percentiles).terminal("p50/p99/p99.9 ms", 17),
                    of("%s", BenchColumns::rate).terminal("at images/s", 11));

    /** The first seconds of a process beside its later ones. */
    static final List<Column<Summary>> COLD =
            List.of(
                    LABEL.terminal("first seconds", -13).page(""),
                    of("%.0f", Run::readyMs).terminal("ready ms", 9).page("ms until ready"),
                    of("%.0f", Run::readyCpuMs).terminal("its CPU", 8).page("CPU-ms until ready"),
                    of("%.1f", Run::coldImagesPerSecond).terminal("images/s", 9).page("images/s"),
                    of("%.2f", run -> run.coldImagesPerSecond() / run.imagesPerSecond())
                            .terminal("of warm", 8)
                            .page("of the warm images/s"),
                    of("%.2f", Run::coldCpuMsPerImage)
                            .terminal("CPU-ms", 7)
                            .page("CPU-ms per image"),
                    of("%.0f", Run::coldRssMb).terminal("MB", 6).page("resident MB"));

    static final List<Column<Summary>> LATENCY =
            List.of(
                    LABEL.page(""),
                    of("%.1f", Run::rate).page("at images/s"),
                    of("%.1f", run -> run.latency("p50")).page("p50"),
                    of("%.1f", run -> run.latency("p90")).page("p90"),
                    of("%.1f", run -> run.latency("p99")).page("p99"),
                    of("%.1f", run -> run.latency("p99_9")).page("p99.9"),
                    of("%.1f", run -> run.latencyWithoutDownload("p50"))
                            .page("p50 without download"),
                    of("%.1f", run -> run.latencyWithoutDownload("p99")).page("p99 without"));

    /** Where the time goes. */
    static final List<Column<Summary>> USE =
            List.of(
                    LABEL.page(""),
                    Column.markup(summary -> Html.escaped(stages(summary.median()))),
                    Column.markup(summary -> Html.escaped(summary.median().use())));

    static final List<Column<Summary>> CONFIGURATION =
            List.of(
                    LABEL.page(""),
                    Column.markup(summary -> Html.escaped(summary.configuration().sentence())),
                    Column.markup(summary -> Html.escaped(summary.median().limitedBy())));

    static final List<Column<Curve.Point>> CURVE =
            List.of(
                    point("%s", point -> point.profile().label(), "profile", -11).page(""),
                    point("%.0f %%", Curve.Point::load, "load", 6).json("load_percent"),
                    point("%.0f", Curve.Point::rate, "images/s", 9).json("rate"),
                    point("%.1f", point -> point.withoutDownload("p50"), "p50", 8),
                    point("%.1f", point -> point.withoutDownload("p99"), "p99", 8),
                    point("%.1f", point -> point.withoutDownload("p99_9"), "p99.9", 8),
                    point("%.1f", point -> point.withDownload("p50"), "p50 with download", 18),
                    point("%.1f", point -> point.withDownload("p99"), "p99 with", 9),
                    point("%.2f", Curve.Point::cores, "CPU cores, all", 15));

    private BenchColumns() {}

    /** Of the median run. */
    private static Column<Summary> of(String format, Function<Run, ?> value) {
        return Column.of(format, summary -> value.apply(summary.median()));
    }

    private static Column<Curve.Point> point(
            String format, Function<Curve.Point, ?> value, String title, int width) {
        return Column.of(format, value).terminal(title, width).page(title);
    }

    private static String range(Summary summary) {
        return String.format(Locale.ROOT, "%.1f – %.1f", summary.least(), summary.most());
    }

    private static String resident(Run run) {
        return Double.isNaN(run.rssMb())
                ? String.format(Locale.ROOT, "– / %.0f", run.peakRssMb())
                : String.format(Locale.ROOT, "%.0f / %.0f", run.rssMb(), run.peakRssMb());
    }

    private static String percentiles(Run run) {
        return !run.hasLatency()
                ? "–"
                : List.of("p50", "p99", "p99_9").stream()
                        .map(name -> String.format(Locale.ROOT, "%.0f", run.latency(name)))
                        .collect(joining(" / "));
    }

    private static String rate(Run run) {
        return run.hasLatency() ? String.format(Locale.ROOT, "%.1f", run.rate()) : "–";
    }

    private static String stages(Run run) {
        return run.stagesBusy().entrySet().stream()
                .map(
                        stage ->
                                String.format(
                                        Locale.ROOT,
                                        "%s %.0f %%",
                                        stage.getKey(),
                                        100 * stage.getValue()))
                .collect(joining(", ", "busy: ", ""));
    }
}
