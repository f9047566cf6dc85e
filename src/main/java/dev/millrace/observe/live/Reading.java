package dev.millrace.observe.live;

import dev.millrace.infer.BatchStats;
import dev.millrace.job.Counter;
import dev.millrace.job.Counters;
import dev.millrace.job.Durations;
import dev.millrace.observe.ModelMeters;
import dev.millrace.observe.Snapshot;
import dev.millrace.observe.SnapshotReader;
import dev.millrace.serve.CallCounts;
import dev.millrace.serve.CallServer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The totals of a worker at one moment, so that two of them say what came between.
 *
 * @param answered images whose callers waited
 * @param steps how long each took, in the order of the path
 * @param batches of each model by their sizes
 * @param rows of each model in batches so far
 * @param callers how long they waited; empty counts where there are none
 * @param refused callers that were told to come again later
 */
record Reading(
        Snapshot totals,
        long received,
        long deleted,
        long answered,
        Map<Step, long[]> steps,
        Map<String, List<Long>> batches,
        Map<String, Long> rows,
        long[] ages,
        long[] messages,
        long[] callers,
        long refused) {
    private static final int TOO_MANY = 429;

    /**
     * A step of the path, by the names in {@code timings_ms}.
     *
     * @param task empty where all tasks share it
     */
    record Step(String name, String task) {}

    static Reading of(LiveParts parts) {
        SnapshotReader work = parts.work();
        Counters counters = work.counters();
        Map<Step, long[]> steps = new LinkedHashMap<>();
        steps.put(new Step("fetch", ""), counts(work.fetch().durations()));
        Map<String, List<Long>> batches = new LinkedHashMap<>();
        Map<String, Long> rows = new LinkedHashMap<>();
        for (ModelMeters model : work.models()) {
            String task = model.task();
            BatchStats stats = model.batches();
            steps.put(new Step("slot", task), counts(stats.slots()));
            steps.put(new Step("decode", task), counts(model.preprocess().durations()));
            steps.put(new Step("wait", task), counts(stats.waits()));
            steps.put(new Step("infer", task), counts(stats.inFlight()));
            steps.put(new Step("postprocess", task), counts(model.deliver().durations()));
            batches.put(task, stats.bySize());
            rows.put(task, stats.rows());
        }
        steps.put(new Step("callback", ""), counts(work.callback().durations()));
        steps.put(new Step("acknowledge", ""), counts(work.acknowledge().durations()));
        return new Reading(
                work.snapshot(),
                counters.get(Counter.RECEIVED),
                counters.get(Counter.DELETED),
                counters.get(Counter.ANSWERED),
                steps,
                batches,
                rows,
                counts(counters.ages()),
                counts(counters.totals()),
                parts.callers()
                        .map(CallServer::counts)
                        .map(CallCounts::times)
                        .map(Reading::counts)
                        .orElse(new long[0]),
                parts.callers().map(calls -> calls.counts().answered(TOO_MANY)).orElse(0L));
    }

    private static long[] counts(Durations durations) {
        return durations.reading().exponential();
    }

    double secondsSince(Reading from) {
        return Math.max(1, totals.nowNs() - from.totals.nowNs()) / 1e9;
    }

    /** Those since {@code from}, of each range of sizes. */
    List<Long> batchesSince(Reading from, String task) {
        List<Long> before = from.batches.get(task);
        List<Long> now = batches.get(task);
        List<Long> since = new ArrayList<>();
        for (int size = 0; size < now.size(); size++) {
            since.add(now.get(size) - before.get(size));
        }
        return since;
    }

    Percentiles since(Reading from, Step step) {
        return Percentiles.between(from.steps.get(step), steps.get(step));
    }
}
