package dev.millrace.worker;

import dev.millrace.job.Admission;
import dev.millrace.job.Counter;
import dev.millrace.job.Counters;
import dev.millrace.job.StageClock;
import java.lang.management.ManagementFactory;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** Adds up what the stages have counted. Does nothing unless it is asked. */
record Observer(
        List<ModelPipeline> pipelines,
        StageClock fetch,
        StageClock callback,
        Counters counters,
        Admission admission) {

    Snapshot snapshot() {
        Map<String, Snapshot.StageWork> stages = new LinkedHashMap<>();
        stages.put("fetch", new Snapshot.StageWork(0, fetch.busyNs(), fetch.items()));
        perModel(
                "preprocess",
                stages,
                pipeline -> work(pipeline.preprocessThreads(), pipeline.preprocessClock()));
        perModel(
                "infer",
                stages,
                pipeline ->
                        new Snapshot.StageWork(
                                1, pipeline.batches().busyNs(), pipeline.batches().rows()));
        perModel("postprocess", stages, pipeline -> work(1, pipeline.deliverClock()));
        stages.put("callback", new Snapshot.StageWork(0, callback.busyNs(), callback.items()));
        long batches = 0;
        long rows = 0;
        for (ModelPipeline pipeline : pipelines) {
            batches += pipeline.batches().batches();
            rows += pipeline.batches().rows();
        }
        return new Snapshot(
                System.nanoTime(),
                cpuNs(),
                counters.get(Counter.DELETED),
                counters.get(Counter.FAILED_TASKS),
                admission.inFlight(),
                admission.limit(),
                batches,
                rows,
                stages);
    }

    private void perModel(
            String stage,
            Map<String, Snapshot.StageWork> stages,
            Function<ModelPipeline, Snapshot.StageWork> work) {
        for (ModelPipeline pipeline : pipelines) {
            stages.put(stage + "-" + pipeline.task(), work.apply(pipeline));
        }
    }

    private static Snapshot.StageWork work(int threads, StageClock clock) {
        return new Snapshot.StageWork(threads, clock.busyNs(), clock.items());
    }

    private static long cpuNs() {
        return ManagementFactory.getOperatingSystemMXBean()
                        instanceof com.sun.management.OperatingSystemMXBean os
                ? os.getProcessCpuTime()
                : 0;
    }
}
