package dev.millrace.job;

import dev.millrace.gpu.Tracer;

/**
 * How long the threads of one stage have worked, and on how many items. Written by the stage, read
 * by metrics.
 */
public final class StageClock {
    private final String what;
    private final Tracer tracer;
    private final Durations durations = Durations.ofStage();

    public StageClock() {
        this("", Tracer.NONE);
    }

    /**
     * @param what the stage does, for the timeline; each thread has a track of its own
     */
    public StageClock(String what, Tracer tracer) {
        this.what = what;
        this.tracer = tracer;
    }

    /** One item that took so long. */
    public void add(long nanos) {
        durations.add(nanos);
    }

    /** One item that this thread worked on from {@code startNs} to {@code endNs}. */
    public void add(long startNs, long endNs) {
        add(endNs - startNs);
        tracer.span(Thread.currentThread().getName(), what, startNs, endNs);
    }

    public long busyNs() {
        return durations.totalNs();
    }

    public long items() {
        return durations.count();
    }

    /** Those of the items. */
    public Durations durations() {
        return durations;
    }
}
