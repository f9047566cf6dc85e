package dev.millrace.preprocess;

import dev.millrace.api.InputTensor;
import dev.millrace.job.Message;
import dev.millrace.job.Prepared;
import dev.millrace.nativelib.Niceness;
import java.lang.foreign.Arena;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;

/**
 * A thread that prepares images which have no row yet, in one of its own. A fetch task must not do
 * it itself, since a native call holds the carrier of its virtual thread.
 */
final class SideThread implements AutoCloseable {
    /** A decode of a third of a second is not to take a core from a hundred short ones. */
    private static final int NICE = 10;

    private final JobPreprocessor preprocessor;
    private final Arena arena = Arena.ofShared();
    private final InputTensor row;
    private final ExecutorService thread;

    /**
     * @param like the rows that its pixels will be copied to
     */
    SideThread(String name, JobPreprocessor preprocessor, InputTensor like) {
        this.preprocessor = preprocessor;
        this.row =
                new InputTensor(
                        0, like.width(), like.height(), arena.allocate(like.pixels().byteSize()));
        this.thread =
                Executors.newSingleThreadExecutor(
                        task -> Thread.ofPlatform().name(name).daemon().unstarted(nicely(task)));
    }

    private static Runnable nicely(Runnable task) {
        return () -> {
            Niceness.add(NICE);
            task.run();
        };
    }

    /** Prepares an image and waits for it; empty where the thread is closed. */
    Optional<Prepared> prepare(Message message, byte[] body) throws InterruptedException {
        Future<Prepared> prepared;
        try {
            prepared = thread.submit(() -> preprocessor.prepare(message, body, row));
        } catch (RejectedExecutionException e) {
            return Optional.empty();
        }
        try {
            return Optional.of(prepared.get());
        } catch (ExecutionException e) {
            throw new IllegalStateException("an image could not be prepared", e.getCause());
        }
    }

    @Override
    public void close() {
        thread.close();
        preprocessor.close();
        arena.close();
    }
}
