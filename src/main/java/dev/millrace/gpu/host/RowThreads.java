package dev.millrace.gpu.host;

import dev.millrace.resource.Joins;
import dev.millrace.resource.Resources;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.IntConsumer;

/**
 * The threads on which one model computes the rows of its batches side by side, each row on one of
 * them. All lanes share them, and the rows of the batch that came first are taken first: two lanes
 * do not slow each other down, and the one that is done copies while the other computes. Owned by
 * an engine, used by the streams of its lanes.
 */
final class RowThreads implements AutoCloseable {
    /** A batch whose stream has ended has no rows left. */
    private static final Duration LAST_ROW = Duration.ofSeconds(5);

    /** What tells a thread to end. */
    private static final Batch END = new Batch(0, 0, _ -> {});

    private final LinkedBlockingQueue<Batch> batches = new LinkedBlockingQueue<>();
    private final Resources resources = new Resources();
    private final int count;

    RowThreads(String name, int count) {
        this.count = count;
        List<Thread> threads = new ArrayList<>();
        resources.own(() -> end(threads));
        try {
            for (int i = 0; i < count; i++) {
                threads.add(
                        Thread.ofPlatform()
                                .name("row-" + name + "-" + i)
                                .daemon()
                                .start(this::work));
            }
        } catch (Throwable e) {
            resources.closeAfter(e);
            throw e;
        }
    }

    int count() {
        return count;
    }

    /**
     * Computes rows 0 to {@code rows - 1} and returns when none is being computed any more. Throws
     * what the first one threw that failed; then some of the others were left out.
     */
    void run(int rows, IntConsumer row) {
        int helpers = Math.min(rows, count);
        Batch batch = new Batch(rows, helpers, row);
        for (int i = 0; i < helpers; i++) {
            batches.add(batch);
        }
        batch.await();
    }

    private void work() {
        try {
            for (Batch batch = batches.take(); batch != END; batch = batches.take()) {
                batch.help();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void end(List<Thread> threads) {
        threads.forEach(thread -> batches.add(END));
        Joins.within(LAST_ROW, threads);
    }

    @Override
    public void close() {
        resources.close();
    }

    /** The rows of one batch; those who help take one after the other. */
    private static final class Batch {
        private final int rows;
        private final IntConsumer row;
        private final AtomicInteger next = new AtomicInteger();
        private final AtomicReference<Throwable> failure = new AtomicReference<>();
        private final CountDownLatch helping;

        Batch(int rows, int helpers, IntConsumer row) {
            this.rows = rows;
            this.row = row;
            this.helping = new CountDownLatch(helpers);
        }

        void help() {
            try {
                for (int i = next.getAndIncrement();
                        i < rows && failure.get() == null;
                        i = next.getAndIncrement()) {
                    row.accept(i);
                }
            } catch (Throwable e) {
                // The stream's thread throws it; this one has the next batch to compute.
                failure.compareAndSet(null, e);
            } finally {
                helping.countDown();
            }
        }

        /** An interrupt does not end the wait: rows are being written. It is kept. */
        void await() {
            boolean interrupted = false;
            boolean waiting = true;
            while (waiting) {
                try {
                    helping.await();
                    waiting = false;
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
            switch (failure.get()) {
                case null -> {}
                case RuntimeException e -> throw e;
                case Error e -> throw e;
                case Throwable e -> throw new IllegalStateException(e);
            }
        }
    }
}
