package dev.millrace.preprocess;

import com.lmax.disruptor.Sequence;
import dev.millrace.duty.Duty;
import dev.millrace.duty.Turn;
import dev.millrace.job.Job;
import dev.millrace.job.JobRing;
import java.util.concurrent.TimeUnit;

/**
 * One preprocess thread of a model, {@code preprocess-<model>-<i>}. The threads claim jobs one by
 * one from a common sequence, so that a slow image occupies one thread and the jobs behind it go to
 * the others. A thread's own sequence says that it is working on nothing up to there; the stage has
 * passed the lowest of them. Owns its preprocessor.
 */
public final class PreprocessProcessor implements Duty, AutoCloseable {
    private static final long IDLE_NS = TimeUnit.SECONDS.toNanos(1);

    private static final long NONE = -1;

    private final JobRing ring;
    private final Sequence claimed;
    private final JobPreprocessor preprocessor;
    private final Sequence passed = new Sequence();
    private long mine = NONE;
    private volatile boolean halted;

    /**
     * @param claimed the last sequence that a thread of this model has taken; shared by all of them
     */
    public PreprocessProcessor(JobRing ring, Sequence claimed, JobPreprocessor preprocessor) {
        this.ring = ring;
        this.claimed = claimed;
        this.preprocessor = preprocessor;
    }

    /** Nothing up to here is in this thread's hands. */
    public Sequence sequence() {
        return passed;
    }

    @Override
    public Turn turn(long nowNs) throws InterruptedException {
        if (mine == NONE) {
            mine = claim();
        }
        long sequence = mine;
        if (!ring.await(() -> halted || ring.isPublished(sequence), IDLE_NS) || halted) {
            return Turn.IDLE;
        }
        Job job = ring.get(sequence);
        preprocessor.preprocess(job);
        // The slot stays this job's until the next claim.
        ring.prepared(job.message());
        mine = NONE;
        return Turn.WORKED;
    }

    @Override
    public void stop() {
        halted = true;
        ring.moved();
    }

    /** Frees what the thread decodes with; it must have ended, or never have begun. */
    @Override
    public void close() {
        preprocessor.close();
    }

    private long claim() {
        long next;
        do {
            next = claimed.get() + 1;
            // Before the claim, so that nobody sees the job claimed and this thread past it.
            passed.set(next - 1);
        } while (!claimed.compareAndSet(next - 1, next));
        ring.moved();
        return next;
    }
}
