package dev.millrace.worker;

import dev.millrace.infer.BatchStats;
import dev.millrace.job.DropReason;
import dev.millrace.job.Failure;
import dev.millrace.observe.FaultReason;
import dev.millrace.serve.CallCounts;
import dev.millrace.testing.PromText;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * {@code docs/metrics.md}, as it follows from what a worker exports: each metric with the type and
 * the sentence that it has there, the unit that its name ends in, and its labels.
 */
final class MetricsPage {
    private static final String MODELS = "one for each task of the configuration";

    /**
     * What a label's values are, by the label or by metric and label: a number where they are in
     * the code, and words where the configuration or the machine has them.
     */
    private static final Map<String, String> VALUES =
            Map.ofEntries(
                    Map.entry("kind", Integer.toString(Failure.Kind.values().length)),
                    Map.entry("millrace_dropped_total reason", count(DropReason.values())),
                    Map.entry("reason", count(FaultReason.values())),
                    Map.entry("millrace_progress_age_seconds stage", "6"),
                    Map.entry("millrace_stage_duration_seconds stage", "8"),
                    Map.entry("model", MODELS),
                    Map.entry("rows", Integer.toString(BatchStats.sizeNames().size())),
                    Map.entry("task", MODELS),
                    Map.entry("version", "1 at a time"),
                    Map.entry("revision", "1"),
                    Map.entry("java", "1"),
                    Map.entry("status", Integer.toString(CallCounts.STATUSES.size() + 1)),
                    Map.entry("device", "1"),
                    Map.entry("gpu_uuid", "1"));

    private static final Map<String, String> UNITS =
            Map.of(
                    "nv_gpu_power_usage", "watts",
                    "nv_gpu_utilization", "share",
                    "process_cpu_usage", "share",
                    "system_cpu_usage", "share");

    private final Map<String, PromText.Family> families;

    /**
     * @param scrapes of workers that together have all metrics
     */
    MetricsPage(List<PromText> scrapes) {
        families =
                scrapes.stream()
                        .flatMap(scrape -> scrape.families().stream())
                        .sorted(Comparator.comparing(PromText.Family::name))
                        .collect(
                                Collectors.toMap(
                                        PromText.Family::name,
                                        family -> family,
                                        (first, _) -> first,
                                        LinkedHashMap::new));
    }

    private static String count(Object[] values) {
        return Integer.toString(values.length);
    }

    String text() {
        StringBuilder page =
                new StringBuilder(
                        """
                        # Metrics

                        What a worker says at `/metrics` of `http.port`. Written from a worker's own answer by `mvn test -Dtest=MetricsPageTest -Dmillrace.write=true`; do not edit: that
                        test fails where this page says something else than a worker. In `(…)` behind a label is how many values it has at most. None comes from a message, so
                        that no sender can make series: hosts, ids and unknown tasks are in the [log](configuration.md#logs-and-metrics), not here.
                        Which of these to watch is in [runbook.md](runbook.md).

                        ## The worker

                        Names are Prometheus': base units, `_total` for counters. `promtool check metrics` has nothing to say of them.

                        """);
        table(page, "millrace_");
        page.append(
                """

                ## Under Triton's names

                For those who know them. They count up and are exposed as gauges, and those of `nv_inference_` are the only ones that `promtool check metrics` complains of. Of `nv_gpu_*` see [gpu.md](gpu.md#metrics).

                """);
        table(page, "nv_");
        page.append(
                """

                ## The process and the machine

                """);
        table(page, "process_", "system_");
        page.append(
                """

                ## The JVM

                By Micrometer, with its labels (memory pools, states of threads, causes of a collection: some fifty series). Which of `jvm_gc_*` there are depends on the collector and
                on what it has done.

                """);
        table(page, "jvm_");
        return page.toString();
    }

    private void table(StringBuilder page, String... prefixes) {
        page.append("| metric | type | unit | labels | what it is |\n|---|---|---|---|---|\n");
        for (PromText.Family family : families.values()) {
            if (List.of(prefixes).stream().anyMatch(family.name()::startsWith)) {
                page.append(
                        "| `%s` | %s | %s | %s | %s |%n"
                                .formatted(
                                        family.name(),
                                        family.type(),
                                        unit(family.name()),
                                        labels(family),
                                        family.help()));
            }
        }
    }

    private static String unit(String name) {
        String bare = name.replaceAll("_total$", "");
        String unit = bare.substring(bare.lastIndexOf('_') + 1);
        return switch (unit) {
            case "seconds", "bytes", "hertz" -> unit;
            case "us" -> "microseconds";
            default -> UNITS.getOrDefault(name, "");
        };
    }

    private static String labels(PromText.Family family) {
        boolean foreign = family.name().startsWith("jvm_");
        return names(family).stream()
                .map(
                        label ->
                                foreign
                                        ? "`%s`".formatted(label)
                                        : "`%s` (%s)".formatted(label, values(family, label)))
                .collect(Collectors.joining(", "));
    }

    /** Of a family, without that of the ranges of a histogram. */
    private static Set<String> names(PromText.Family family) {
        Set<String> names = new TreeSet<>();
        family.samples().forEach(sample -> names.addAll(sample.labels().keySet()));
        names.remove("le");
        return names;
    }

    /** Fails where nobody has said how many a label has. */
    private static String values(PromText.Family family, String label) {
        String said = VALUES.getOrDefault(family.name() + " " + label, VALUES.get(label));
        if (said == null) {
            throw new AssertionError(family.name() + ": how many values has " + label + "?");
        }
        long has =
                family.samples().stream()
                        .map(sample -> sample.labels().getOrDefault(label, ""))
                        .filter(value -> !value.isEmpty())
                        .distinct()
                        .count();
        long most = said.matches("\\d+") ? Long.parseLong(said) : 1;
        if (has > most) {
            throw new AssertionError(family.name() + ": " + label + " has " + has + " values");
        }
        return said;
    }
}
