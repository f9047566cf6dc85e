package dev.millrace.preprocess;

import com.lmax.disruptor.Sequence;
import dev.millrace.job.JobRing;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * One preprocess thread of a model, {@code preprocess-<model>-<i>}. The threads claim jobs one by
 * one from a common sequence, so that a slow image occupies one thread and the jobs behind it go to
 * the others. A thread's own sequence says that it is working on nothing up to there; the stage has
 * passed the lowest of them.
 */
public final class PreprocessProcessor implements Runnable {
    private static final long IDLE_NS = TimeUnit.SECONDS.toNanos(1);

    private final JobRing ring;
    private final Sequence claimed;
    private final JobPreprocessor preprocessor;
    private final Consumer<Throwable> fault;
    private final Sequence passed = new Sequence();
    private volatile boolean halted;

    /**
     * @param claimed the last sequence that a thread of this model has taken; shared by all of them
     */
    public PreprocessProcessor(
            JobRing ring,
            Sequence claimed,
            JobPreprocessor preprocessor,
            Consumer<Throwable> fault) {
        this.ring = ring;
        this.claimed = claimed;
        this.preprocessor = preprocessor;
        this.fault = fault;
    }

    /** Nothing up to here is in this thread's hands. */
    public Sequence sequence() {
        return passed;
    }

    public void halt() {
        halted = true;
        ring.moved();
    }

    @Override
    public void run() {
        try (preprocessor) {
            while (!halted) {
                long mine = claim();
                while (!ring.await(() -> halted || ring.isPublished(mine), IDLE_NS)) {
                    // Nothing yet.
                }
                if (halted) {
                    return;
                }
                preprocessor.preprocess(ring.get(mine));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException | Error e) {
            fault.accept(e);
        }
    }

    private long claim() {
        long mine;
        do {
            mine = claimed.get() + 1;
            // Before the claim, so that nobody sees the job claimed and this thread past it.
            passed.set(mine - 1);
        } while (!claimed.compareAndSet(mine - 1, mine));
        ring.moved();
        return mine;
    }
}
