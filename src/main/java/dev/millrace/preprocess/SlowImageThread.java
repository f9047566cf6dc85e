package dev.millrace.preprocess;

import dev.millrace.api.InputTensor;
import dev.millrace.duty.Duties;
import dev.millrace.duty.Duty;
import dev.millrace.duty.DutyThread;
import dev.millrace.duty.Turn;
import dev.millrace.job.Message;
import dev.millrace.job.PreprocessedImage;
import dev.millrace.nativelib.Niceness;
import dev.millrace.resource.Resources;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * A thread that prepares images which have no row yet, in one of its own. A fetch task must not do
 * it itself, since a native call holds the carrier of its virtual thread.
 */
final class SlowImageThread implements Duty, AutoCloseable {
    /** A decode of a third of a second is not to take a core from a hundred short ones. */
    private static final int NICE = 10;

    private static final long IDLE_SECONDS = 1;

    /** For the image in hand at the end. */
    private static final Duration LAST_IMAGE = Duration.ofSeconds(3);

    private final Resources resources = new Resources();
    private final JobPreprocessor preprocessor;
    private final InputTensor row;
    private final LinkedBlockingQueue<Errand> errands = new LinkedBlockingQueue<>();
    private final DutyThread thread;
    private boolean nice;
    private volatile boolean closed;

    /**
     * One image.
     *
     * @param done completes with nothing where the thread ends before it came to it
     */
    private record Errand(
            Message message,
            byte[] body,
            Runnable copied,
            CompletableFuture<Optional<PreprocessedImage>> done) {}

    /** Nothing to do, but to look whether this is the end. */
    private static final Errand LOOK_UP =
            new Errand(null, null, () -> {}, new CompletableFuture<>());

    /**
     * @param preprocessor closed with this, also when this cannot be made
     * @param like the rows that its pixels will be copied to
     */
    SlowImageThread(String name, JobPreprocessor preprocessor, InputTensor like, Duties duties) {
        this.preprocessor = resources.own(preprocessor);
        try {
            Arena arena = resources.own(Arena.ofShared());
            MemorySegment pixels = arena.allocate(like.pixels().byteSize());
            this.row = new InputTensor(0, like.width(), like.height(), pixels);
            this.thread = duties.thread(name, this);
            resources.own(this::end);
            thread.start();
        } catch (Throwable e) {
            resources.closeAfter(e);
            throw e;
        }
    }

    @Override
    public Turn turn(long nowNs) throws InterruptedException {
        if (!nice) {
            Niceness.add(NICE);
            nice = true;
        }
        Errand errand = errands.poll(IDLE_SECONDS, TimeUnit.SECONDS);
        if (errand == null || errand == LOOK_UP) {
            return Turn.IDLE;
        }
        try {
            errand.done.complete(
                    Optional.of(
                            preprocessor.prepare(errand.message, errand.body, row, errand.copied)));
        } catch (RuntimeException | Error e) {
            errand.done.completeExceptionally(e);
            throw e;
        }
        return Turn.WORKED;
    }

    /** Each thread of a model would otherwise keep its end waiting for a second. */
    @Override
    public void stop() {
        errands.add(LOOK_UP);
    }

    /** Prepares an image and waits for it; empty where the thread is closed. */
    Optional<PreprocessedImage> prepare(Message message, byte[] body, Runnable copied)
            throws InterruptedException {
        Errand errand = new Errand(message, body, copied, new CompletableFuture<>());
        errands.add(errand);
        if (closed) {
            // It may have looked at its errands for the last time before this one came.
            errand.done.complete(Optional.empty());
        }
        try {
            return errand.done.get();
        } catch (ExecutionException e) {
            throw new IllegalStateException("an image could not be prepared", e.getCause());
        }
    }

    private void end() {
        try {
            DutyThread.end(List.of(thread), LAST_IMAGE);
        } finally {
            closed = true;
            errands.forEach(errand -> errand.done.complete(Optional.empty()));
        }
    }

    @Override
    public void close() {
        resources.close();
    }
}
