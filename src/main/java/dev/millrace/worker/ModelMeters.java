package dev.millrace.worker;

import dev.millrace.gpu.Tracer;
import dev.millrace.infer.BatchStats;
import dev.millrace.job.JobRing;
import dev.millrace.job.StageClock;

/** What is measured of one task, over all the versions of its model. */
final class ModelMeters {
    private final String task;
    private final int preprocessThreads;
    private final StageClock preprocess;
    private final StageClock deliver;
    private final BatchStats batches;
    private volatile JobRing ring;

    ModelMeters(String task, int preprocessThreads, Tracer tracer) {
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

    StageClock preprocess() {
        return preprocess;
    }

    StageClock deliver() {
        return deliver;
    }

    BatchStats batches() {
        return batches;
    }

    /** The ring that takes jobs now. */
    JobRing ring() {
        return ring;
    }

    void ring(JobRing current) {
        ring = current;
    }
}
