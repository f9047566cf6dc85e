package dev.millrace.observe;

import dev.millrace.gpu.Tracer;
import dev.millrace.infer.BatchStats;
import dev.millrace.job.JobRing;
import dev.millrace.job.StageClock;
import java.util.concurrent.atomic.AtomicReference;

/**
 * What is measured of one task, over all the versions of its model.
 *
 * @param taking the ring that takes jobs now
 */
public record ModelMeters(
        String task,
        int preprocessThreads,
        StageClock preprocess,
        StageClock deliver,
        BatchStats batches,
        AtomicReference<JobRing> taking) {

    public ModelMeters(String task, int preprocessThreads, Tracer tracer) {
        this(
                task,
                preprocessThreads,
                new StageClock("decode and resize", tracer),
                new StageClock("postprocess", tracer),
                new BatchStats(),
                new AtomicReference<>());
    }

    public JobRing ring() {
        return taking.get();
    }
}
