package dev.millrace.lab.tune;

import com.fasterxml.jackson.databind.node.ArrayNode;
import dev.millrace.lab.bench.Column;
import dev.millrace.lab.bench.Html;
import dev.millrace.lab.bench.Table;
import java.io.PrintStream;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;

/**
 * The runs of {@code tune} and what the terminal, the page and the JSON show of them.
 *
 * @param measured every run, in order
 * @param choice where one was looked for
 */
record TuneReport(List<Measurement> measured, Goal goal, Optional<Choice> choice) {
    private static final int WIDTH = 40;
    private static final int TICKS = 4;

    /** The columns to the left of the bars, with the spaces between them. */
    private static final int BEFORE_BARS = 33;

    /** Each setting that was run, the slowest first. */
    List<Measurement> summaries() {
        return Choice.summaries(measured);
    }

    private List<Column<Measurement>> columns() {
        AtomicInteger number = new AtomicInteger();
        double most = summaries().getLast().imagesPerSecond();
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
                of("%.1f", Measurement::latencyMs)
                        .page("p" + goal.percentile() + " ms")
                        .json("latency_ms"),
                of("%.0f", Measurement::latencyMs).terminal("p" + goal.percentile() + " ms", 8),
                of("%.2f", Measurement::decodeMs).json("decode_cpu_ms"),
                of("%.2f", Measurement::cpuMs).page("CPU-ms per image").json("worker_cpu_ms"),
                of("%.2f", Measurement::helpersMs).json("helpers_cpu_ms"),
                of("%.0f %%", run -> 100 * run.deviceBusy()).page("device busy"),
                of("%.2f", Measurement::deviceBusy).json("device_busy"),
                of("%.1f", Measurement::meanBatch).page("mean batch").json("mean_batch"),
                of("%s", Measurement::limitedBy).json("limited_by"),
                Column.markup(run -> Html.escaped(run.limitedBy()) + mark(run, " <b>%s</b>")),
                of(" %s", run -> bar(run, most) + mark(run, " <- %s"))
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

    private String mark(Measurement run, String format) {
        return isMarked(run) ? format.formatted(markWord()) : "";
    }

    /** Whether it is the setting that is chosen, or that comes nearest to the bound. */
    boolean isMarked(Measurement run) {
        return choice.filter(made -> made.chosen().equals(run.setting())).isPresent();
    }

    /** What the setting is that stands out. */
    String markWord() {
        return choice.filter(Choice::kept).isPresent() ? "chosen" : "nearest to the bound";
    }

    /** A bar per setting, the fastest first. */
    void print(PrintStream out) {
        Table.print(out, columns(), summaries().reversed());
        scale(out, summaries().getLast().imagesPerSecond());
        if (!summaries().stream().allMatch(goal::kept)) {
            out.println("bars of x: the bound is missed");
        }
    }

    /** What the lengths of the bars stand for. */
    private static void scale(PrintStream out, double most) {
        String before = " ".repeat(BEFORE_BARS);
        StringBuilder numbers = new StringBuilder(before);
        for (int tick = 0; tick <= TICKS; tick++) {
            numbers.append(
                    String.format(Locale.ROOT, "%-" + WIDTH / TICKS + ".0f", most * tick / TICKS));
        }
        out.println(before + "|" + ("-".repeat(WIDTH / TICKS - 1) + "|").repeat(TICKS));
        out.println(numbers.toString().stripTrailing() + " images/s");
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
