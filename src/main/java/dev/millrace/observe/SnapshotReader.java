package dev.millrace.observe;

import dev.millrace.infer.BatchStats;
import dev.millrace.job.Admission;
import dev.millrace.job.Counter;
import dev.millrace.job.Counters;
import dev.millrace.job.JobRing;
import dev.millrace.job.StageClock;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Adds up what the stages have counted. Does nothing unless it is asked.
 *
 * @param waits for others, now
 */
public record SnapshotReader(
        List<ModelMeters> models,
        StageClock fetch,
        StageClock callback,
        StageClock acknowledge,
        Counters counters,
        Admission admission,
        Supplier<Snapshot.Waits> waits) {

    public Snapshot snapshot() {
        Map<String, Snapshot.StageWork> stages = new LinkedHashMap<>();
        stages.put("fetch", work(0, fetch));
        perModel(
                "preprocess", stages, model -> work(model.preprocessThreads(), model.preprocess()));
        perModel("infer", stages, model -> work(model.batches()));
        perModel("postprocess", stages, model -> work(1, model.deliver()));
        stages.put("callback", work(0, callback));
        long batches = 0;
        long rows = 0;
        long[] sizes = new long[BatchStats.sizeNames().size()];
        Map<String, Snapshot.RingUse> rings = new LinkedHashMap<>();
        for (ModelMeters model : models) {
            batches += model.batches().batches();
            rows += model.batches().rows();
            List<Long> bySize = model.batches().bySize();
            Arrays.setAll(sizes, size -> sizes[size] + bySize.get(size));
            JobRing ring = model.ring();
            rings.put(model.task(), new Snapshot.RingUse(ring.occupied(), ring.size()));
        }
        return new Snapshot(
                System.nanoTime(),
                cpuNs(),
                counters.get(Counter.DELETED),
                counters.get(Counter.FAILED_TASKS),
                admission.inFlight(),
                admission.taken(),
                admission.limit(),
                batches,
                rows,
                Arrays.stream(sizes).boxed().toList(),
                rings,
                stages,
                waits.get());
    }

    private void perModel(
            String stage,
            Map<String, Snapshot.StageWork> stages,
            Function<ModelMeters, Snapshot.StageWork> work) {
        for (ModelMeters model : models) {
            stages.put(stage + "-" + model.task(), work.apply(model));
        }
    }

    private static Snapshot.StageWork work(int threads, StageClock clock) {
        return new Snapshot.StageWork(threads, clock.busyNs(), clock.items());
    }

    private static Snapshot.StageWork work(BatchStats batches) {
        return new Snapshot.StageWork(1, batches.busyNs(), batches.rows());
    }

    private static long cpuNs() {
        return ManagementFactory.getOperatingSystemMXBean()
                        instanceof com.sun.management.OperatingSystemMXBean os
                ? os.getProcessCpuTime()
                : 0;
    }
}
