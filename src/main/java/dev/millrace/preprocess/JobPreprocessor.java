package dev.millrace.preprocess;

import dev.millrace.api.ImageInfo;
import dev.millrace.api.Placement;
import dev.millrace.api.VisionModule;
import dev.millrace.job.Failure;
import dev.millrace.job.FailureException;
import dev.millrace.job.Job;
import dev.millrace.job.NativeGuard;
import dev.millrace.job.Stage;
import dev.millrace.job.StageClock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a preprocess thread does with one job: check, decode, let the module write the row. Nothing
 * that is wrong with an image leaves here as an exception; the job's row becomes a dead one. Owned
 * by one thread.
 */
public final class JobPreprocessor implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(JobPreprocessor.class);

    private final VisionModule module;
    private final ImagePreprocessor images;
    private final NativeGuard guard;
    private final StageClock clock;

    /**
     * @param budget of all preprocess threads of the worker
     * @param guard is told of each message whose bytes native code is about to see; closed with
     *     this
     */
    public JobPreprocessor(
            VisionModule module, DecodeBudget budget, NativeGuard guard, StageClock clock) {
        this.module = module;
        this.images = new ImagePreprocessor(module, budget);
        this.guard = guard;
        this.clock = clock;
    }

    void preprocess(Job job) {
        long startNs = System.nanoTime();
        job.decoding(startNs);
        try {
            ImageHeader header = images.inspect(job.body());
            ImageInfo info = header.info(job.body().length);
            job.message().image(info);
            job.decoded(info, write(job, header));
        } catch (FailureException e) {
            job.fail(e.failure());
        } finally {
            long endNs = System.nanoTime();
            job.decodingEnded(endNs);
            clock.add(startNs, endNs);
        }
    }

    private Placement write(Job job, ImageHeader header) throws FailureException {
        guard.enter(job.message().delivery().messageId());
        try {
            return images.write(job.body(), header, job.input());
        } catch (RuntimeException e) {
            LOG.warn(
                    "preprocess of model '{}' failed for {}",
                    module.spec().name(),
                    job.message().request().id(),
                    e);
            throw new FailureException(
                    Failure.Kind.PREPROCESS_FAILED,
                    Stage.PREPROCESS,
                    "the module of model '"
                            + module.spec().name()
                            + "' could not prepare the image: "
                            + e);
        } finally {
            guard.leave();
        }
    }

    @Override
    public void close() {
        images.close();
        guard.close();
    }
}
