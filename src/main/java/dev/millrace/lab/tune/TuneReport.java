package dev.millrace.lab.tune;

import com.fasterxml.jackson.databind.node.ArrayNode;
import dev.millrace.lab.bench.Column;
import dev.millrace.lab.bench.Html;
import dev.millrace.lab.bench.Table;
import java.io.PrintStream;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;

/**
 * The runs of {@code tune} and what the terminal, the page and the JSON show of them.
 *
 * @param measured every run, in order
 * @param chosen where one was looked for
 */
record TuneReport(List<Measurement> measured, Goal goal, Optional<Setting> chosen) {
    private static final int WIDTH = 40;

    /** The median run of each setting, the slowest first. */
    List<Measurement> medians() {
        return measured.stream()
                .map(Measurement::setting)
                .distinct()
                .map(setting -> Choice.median(measured, setting))
                .sorted(Comparator.comparingDouble(Measurement::imagesPerSecond))
                .toList();
    }

    private List<Column<Measurement>> columns() {
        AtomicInteger number = new AtomicInteger();
        double most = medians().getLast().imagesPerSecond();
        return List.of(
                of("%s", run -> run.setting().key()).terminal("setting", -12).json("setting"),
                of("%d", _ -> number.incrementAndGet()).page("run"),
                of("%d", run -> run.setting().threads()).page("threads"),
                of("%d", run -> run.setting().batch()).page("batch"),
                of("%d", run -> run.setting().lanes()).page("lanes"),
                of("%d", run -> run.setting().linger().toMillis()).page("linger ms"),
                of("%.1f", Measurement::imagesPerSecond)
                        .terminal("images/s", 9)
                        .page("images/s")
                        .json("images_per_s"),
                of("%.1f", Measurement::latencyMs).page("ms").json("latency_ms"),
                of("%.0f", Measurement::latencyMs).terminal("p" + goal.percentile() + " ms", 8),
                of("%.2f", Measurement::decodeMs).json("decode_cpu_ms"),
                of("%.2f", Measurement::cpuMs).page("CPU-ms per image").json("worker_cpu_ms"),
                of("%.2f", Measurement::helpersMs).json("helpers_cpu_ms"),
                of("%.0f %%", run -> 100 * run.deviceBusy()).page("device busy"),
                of("%.2f", Measurement::deviceBusy).json("device_busy"),
                of("%.1f", Measurement::meanBatch).page("mean batch").json("mean_batch"),
                of("%s", Measurement::limitedBy).json("limited_by"),
                Column.markup(run -> Html.escaped(run.limitedBy()) + mark(run, " <b>chosen</b>")),
                of(" %s", run -> bar(run, most) + mark(run, " <- chosen"))
                        .terminal(" threads x batch x lanes x linger", -1));
    }

    private static Column<Measurement> of(String format, Function<Measurement, ?> value) {
        return Column.of(format, value);
    }

    /** {@code x} in the place of {@code #} where the bound was missed. */
    private String bar(Measurement run, double most) {
        int length = (int) Math.round(WIDTH * run.imagesPerSecond() / most);
        return (goal.kept(run) ? "#" : "x").repeat(Math.max(1, length));
    }

    private String mark(Measurement run, String text) {
        return chosen.filter(run.setting()::equals).isPresent() ? text : "";
    }

    /** A bar per setting, the fastest first. */
    void print(PrintStream out) {
        Table.print(out, columns(), medians().reversed());
    }

    /** Every run. */
    String html() {
        return Table.html(columns(), measured);
    }

    /** Every run. */
    void json(ArrayNode runs) {
        List<Column<Measurement>> columns = columns();
        measured.forEach(run -> runs.add(Table.json(columns, run)));
    }
}
