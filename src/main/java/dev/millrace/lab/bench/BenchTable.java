package dev.millrace.lab.bench;

import dev.millrace.cli.Count;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The figures for a terminal. */
final class BenchTable {
    private BenchTable() {}

    /** What is measured now. */
    static String round(int round, int rounds, String what) {
        return "round %d of %d, %s".formatted(round, rounds, what);
    }

    static String progress(Run run, int rounds) {
        return String.format(
                Locale.ROOT,
                "%s: %.1f images/s, %s",
                round(run.round(), rounds, run.configuration().label()),
                run.imagesPerSecond(),
                run.limitedBy());
    }

    static void print(PrintStream out, Results results) {
        if (!results.summaries().isEmpty()) {
            configurations(out, results);
        }
        if (!results.curves().isEmpty()) {
            curves(out, results);
        }
        out.println("measured on " + Machine.sentence(results.machine()));
        if (results.errors() > 0) {
            out.println(Count.of(results.errors(), "message") + " got no verdict");
        }
    }

    private static void curves(PrintStream out, Results results) {
        out.println();
        out.println(
                "Latency from the queue to the callback in ms; only the columns \"with\" include the"
                        + " download");
        Table.print(out, BenchColumns.CURVE, results.points());
        out.println(BenchPage.floor(results.queueFloor()));
    }

    private static void configurations(PrintStream out, Results results) {
        out.println();
        Table.print(out, BenchColumns.THROUGHPUT, results.summaries());
        out.println();
        if (!results.cold().isEmpty()) {
            Table.print(out, BenchColumns.COLD, results.cold());
            out.println();
        }
        roles(out, results);
        out.println();
        results.ratios("millrace is %.1f times as fast as %s").forEach(out::println);
    }

    /** Where the CPU time of the worker's process goes, in ms per image. */
    private static void roles(PrintStream out, Results results) {
        List<Column<String>> columns = new ArrayList<>();
        columns.add(Column.<String>of("%s", role -> role).terminal("CPU-ms per image", -20));
        for (Summary summary : results.summaries()) {
            Map<String, Double> byRole = summary.median().cpuMsByRole();
            columns.add(
                    Column.<String>of("%.2f", role -> byRole.getOrDefault(role, 0.0))
                            .terminal(summary.configuration().label(), 10));
        }
        Table.print(out, columns, List.copyOf(results.roles()));
    }
}
