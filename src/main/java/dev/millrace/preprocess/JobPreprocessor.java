package dev.millrace.preprocess;

import dev.millrace.api.Fidelity;
import dev.millrace.api.ImageInfo;
import dev.millrace.api.InputTensor;
import dev.millrace.api.Placement;
import dev.millrace.api.VisionModule;
import dev.millrace.image.ImageHeader;
import dev.millrace.job.BugLog;
import dev.millrace.job.Failure;
import dev.millrace.job.FailureException;
import dev.millrace.job.Job;
import dev.millrace.job.LimitedLog;
import dev.millrace.job.Message;
import dev.millrace.job.NativeGuard;
import dev.millrace.job.PreprocessedImage;
import dev.millrace.job.Stage;
import dev.millrace.job.StageClock;
import dev.millrace.resource.Resources;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * What a preprocess thread does with one job: check, decode, let the module write the row. Nothing
 * that is wrong with an image leaves here as an exception; the job's row becomes a dead one. Owned
 * by one thread.
 */
public final class JobPreprocessor implements AutoCloseable {
    /** Of all threads. */
    private static final BugLog BUGS =
            new BugLog(LoggerFactory.getLogger(JobPreprocessor.class), Level.WARN);

    private final Resources resources = new Resources();
    private final VisionModule module;
    private final ImagePreprocessor images;
    private final NativeGuard guard;
    private final StageClock clock;

    /**
     * @param budget of all preprocess threads of the worker
     * @param guard is told of each message whose bytes native code is about to see; closed with
     *     this, also when this cannot be made
     */
    public JobPreprocessor(
            VisionModule module, DecodeBudget budget, NativeGuard guard, StageClock clock) {
        this.module = module;
        this.clock = clock;
        this.guard = resources.own(guard);
        try {
            this.images = resources.own(new ImagePreprocessor(module, budget));
        } catch (Throwable e) {
            resources.closeAfter(e);
            throw e;
        }
    }

    /** How much of a JPEG its module wants to be decoded. */
    Fidelity fidelity() {
        return module.spec().fidelity();
    }

    void preprocess(Job job) {
        if (job.prepared() != null) {
            take(job, job.prepared());
            return;
        }
        long startNs = System.nanoTime();
        job.decoding(startNs);
        try {
            requireWanted(job.message());
            ImageHeader header = images.inspect(job.body());
            ImageInfo info = header.info(job.body().length);
            job.message().image(info);
            job.decoded(info, write(job.message(), job.body(), header, job.input()));
        } catch (FailureException e) {
            job.fail(e.failure());
        } finally {
            long endNs = System.nanoTime();
            job.decodingEnded(endNs);
            clock.add(startNs, endNs);
        }
    }

    private static void take(Job job, PreprocessedImage prepared) {
        job.decoding(prepared.startNs());
        switch (prepared) {
            case PreprocessedImage.Row done -> {
                MemorySegment row = job.input().pixels();
                MemorySegment.copy(
                        done.pixels(), 0, row, ValueLayout.JAVA_BYTE, 0, done.pixels().length);
                job.decoded(done.image(), done.placement());
                done.copied().run();
            }
            case PreprocessedImage.Failed failed -> job.fail(failed.failure());
        }
        job.decodingEnded(prepared.endNs());
    }

    /**
     * The same for an image that has no row yet, in {@code scratch}.
     *
     * @param copied called once its pixels are in a row
     */
    PreprocessedImage prepare(Message message, byte[] body, InputTensor scratch, Runnable copied) {
        long startNs = System.nanoTime();
        try {
            requireWanted(message);
            ImageHeader header = images.inspect(body);
            ImageInfo info = header.info(body.length);
            message.image(info);
            Placement where = write(message, body, header, scratch);
            byte[] pixels = scratch.pixels().toArray(ValueLayout.JAVA_BYTE);
            return new PreprocessedImage.Row(
                    startNs, System.nanoTime(), info, where, pixels, copied);
        } catch (FailureException e) {
            return new PreprocessedImage.Failed(startNs, System.nanoTime(), e.failure());
        } finally {
            clock.add(startNs, System.nanoTime());
        }
    }

    private static void requireWanted(Message message) throws FailureException {
        if (message.isAbandoned()) {
            throw new FailureException(
                    Failure.Kind.LEASE_LOST, Stage.PREPROCESS, "nobody waits for it any more");
        }
    }

    private Placement write(Message message, byte[] body, ImageHeader header, InputTensor input)
            throws FailureException {
        guard.enter(message.delivery().messageId());
        try {
            return images.write(body, header, input);
        } catch (RuntimeException | StackOverflowError | LinkageError | AssertionError e) {
            // The module's own; what else an Error says is about the process.
            BUGS.say(
                    "preprocess of model '" + module.spec().name() + "'",
                    message.request().id(),
                    e);
            throw new FailureException(
                    Failure.Kind.PREPROCESS_FAILED,
                    Stage.PREPROCESS,
                    "the module of model '%s' could not prepare the image: %s"
                            .formatted(module.spec().name(), LimitedLog.reason(e)));
        } finally {
            guard.leave();
        }
    }

    @Override
    public void close() {
        resources.close();
    }
}
