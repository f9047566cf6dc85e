package dev.millrace.lab.bench;

import java.io.PrintStream;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Stream;

/** The figures for a terminal. */
final class BenchTable {
    private BenchTable() {}

    static String progress(Run run, int rounds) {
        return String.format(
                Locale.ROOT,
                "round %d of %d, %s: %.1f images/s, %s",
                run.round(),
                rounds,
                run.configuration().label(),
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
            out.println(results.errors() + " messages got no verdict");
        }
    }

    private static void curves(PrintStream out, Results results) {
        out.println();
        out.println("Queue to callback in ms, without the download unless it says with");
        String format = "%-11s %6s %9s %8s %8s %8s %18s %9s %15s%n";
        out.printf(format, (Object[]) withProfile(CurveCharts.HEAD));
        CurveCharts.rows(results.curves()).forEach(row -> out.printf(format, (Object[]) row));
        out.println(BenchPage.floor(results.queueFloor()));
    }

    private static String[] withProfile(String... head) {
        return Stream.concat(Stream.of("profile"), Stream.of(head)).toArray(String[]::new);
    }

    private static void configurations(PrintStream out, Results results) {
        out.println();
        out.printf(
                "%-11s %9s %15s %7s %8s %7s %7s %6s %7s %9s %17s%n",
                "",
                "images/s",
                "least to most",
                "CPU",
                "helpers",
                "device",
                "batch",
                "MB",
                "CPU-ms",
                "kB heap",
                "p50/p99/p99.9 ms");
        results.summaries().forEach(summary -> row(out, summary));
        out.println();
        roles(out, results);
        out.println();
        for (Summary summary : results.summaries()) {
            results.ratio(summary.configuration())
                    .filter(ratio -> summary.configuration() != Configuration.MILLRACE)
                    .ifPresent(
                            ratio ->
                                    out.printf(
                                            Locale.ROOT,
                                            "millrace is %.1f times as fast as %s%n",
                                            ratio,
                                            summary.configuration().label()));
        }
    }

    private static void row(PrintStream out, Summary summary) {
        Run run = summary.median();
        out.printf(
                Locale.ROOT,
                "%-11s %9.1f %15s %7.2f %8.2f %6.0f%% %7.1f %6.0f %7.2f %9.0f %17s%n",
                summary.configuration().label(),
                run.imagesPerSecond(),
                String.format(Locale.ROOT, "%.1f – %.1f", summary.least(), summary.most()),
                run.workerCores(),
                run.helperCores(),
                100 * run.deviceBusy(),
                run.meanBatch(),
                run.peakRssMb(),
                run.cpuMsPerImage(),
                run.allocatedKbPerImage(),
                latencies(run));
    }

    static String latencies(Run run) {
        return run.hasLatency()
                ? String.format(
                        Locale.ROOT,
                        "%.0f / %.0f / %.0f",
                        run.latency("p50"),
                        run.latency("p99"),
                        run.latency("p99_9"))
                : "–";
    }

    /** Where the CPU time of the worker's process goes, in ms per image. */
    private static void roles(PrintStream out, Results results) {
        TreeSet<String> roles = new TreeSet<>();
        results.summaries()
                .forEach(summary -> roles.addAll(summary.median().cpuMsByRole().keySet()));
        out.printf("%-20s", "CPU-ms per image");
        results.summaries()
                .forEach(summary -> out.printf(" %10s", summary.configuration().label()));
        out.println();
        for (String role : roles) {
            out.printf("%-20s", role);
            for (Summary summary : results.summaries()) {
                Map<String, Double> byRole = summary.median().cpuMsByRole();
                out.printf(Locale.ROOT, " %10.2f", byRole.getOrDefault(role, 0.0));
            }
            out.println();
        }
    }
}
