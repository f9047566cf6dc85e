package dev.millrace.preprocess;

import dev.millrace.api.InputTensor;
import dev.millrace.duty.Duties;
import dev.millrace.duty.Duty;
import dev.millrace.duty.DutyThread;
import dev.millrace.duty.Turn;
import dev.millrace.job.Message;
import dev.millrace.job.Prepared;
import dev.millrace.nativelib.Niceness;
import java.lang.foreign.Arena;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * A thread that prepares images which have no row yet, in one of its own. A fetch task must not do
 * it itself, since a native call holds the carrier of its virtual thread.
 */
final class SideThread implements Duty, AutoCloseable {
    /** A decode of a third of a second is not to take a core from a hundred short ones. */
    private static final int NICE = 10;

    private static final long IDLE_SECONDS = 1;

    private final JobPreprocessor preprocessor;
    private final Arena arena = Arena.ofShared();
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
            Message message, byte[] body, CompletableFuture<Optional<Prepared>> done) {}

    /**
     * @param like the rows that its pixels will be copied to
     */
    SideThread(String name, JobPreprocessor preprocessor, InputTensor like, Duties duties) {
        this.preprocessor = preprocessor;
        this.row =
                new InputTensor(
                        0, like.width(), like.height(), arena.allocate(like.pixels().byteSize()));
        this.thread = duties.thread(name, this);
        thread.start();
    }

    @Override
    public Turn turn(long nowNs) throws InterruptedException {
        if (!nice) {
            Niceness.add(NICE);
            nice = true;
        }
        Errand errand = errands.poll(IDLE_SECONDS, TimeUnit.SECONDS);
        if (errand == null) {
            return Turn.IDLE;
        }
        try {
            errand.done.complete(
                    Optional.of(preprocessor.prepare(errand.message, errand.body, row)));
        } catch (RuntimeException | Error e) {
            errand.done.completeExceptionally(e);
            throw e;
        }
        return Turn.WORKED;
    }

    @Override
    public void ended() {
        closed = true;
        errands.forEach(errand -> errand.done.complete(Optional.empty()));
        preprocessor.close();
        arena.close();
    }

    /** Prepares an image and waits for it; empty where the thread is closed. */
    Optional<Prepared> prepare(Message message, byte[] body) throws InterruptedException {
        Errand errand = new Errand(message, body, new CompletableFuture<>());
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

    @Override
    public void close() {
        thread.close();
    }
}
