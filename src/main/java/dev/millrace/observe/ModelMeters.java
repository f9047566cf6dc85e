package dev.millrace.observe;

import dev.millrace.gpu.Tracer;
import dev.millrace.infer.BatchStats;
import dev.millrace.job.JobRing;
import dev.millrace.job.StageClock;

/** What is measured of one task, over all the versions of its model. */
public final class ModelMeters {
    private final String task;
    private final int preprocessThreads;
    private final StageClock preprocess;
    private final StageClock deliver;
    private final BatchStats batches;
    private volatile JobRing ring;

    public ModelMeters(String task, int preprocessThreads, Tracer tracer) {
        this.task = task;
        this.preprocessThreads = preprocessThreads;
        this.preprocess = new StageClock("decode and resize", tracer);
        this.deliver = new StageClock("postprocess", tracer);
        this.batches = new BatchStats();
    }

    String task() {
        return task;
    }

    int preprocessThreads() {
        return preprocessThreads;
    }

    public StageClock preprocess() {
        return preprocess;
    }

    public StageClock deliver() {
        return deliver;
    }

    public BatchStats batches() {
        return batches;
    }

    /** The ring that takes jobs now. */
    public JobRing ring() {
        return ring;
    }

    public void ring(JobRing current) {
        ring = current;
    }
}
