package dev.millrace.deliver;

import dev.millrace.resource.Mutex;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.Condition;

/**
 * Sends what many virtual threads bring, ten at a time. The first that comes waits a few
 * milliseconds for others, or until a call may be made, and makes the call for all of them; there
 * is no thread beside theirs. Each learns what became of its own entry. Thread-safe.
 */
final class BatchedCalls<E> {
    /** Entries of one call at most, for SQS and SNS alike. */
    static final int SIZE = 10;

    private final long lingerNs;
    private final int maxBytes;
    private final Semaphore calls;
    private final Call<E> call;
    private final Mutex lock = new Mutex();
    private Batch<E> open;

    /** Makes one call. */
    @FunctionalInterface
    interface Call<E> {
        /** Says of each entry, by position, why it was not taken; empty where it was. */
        List<Optional<IOException>> send(List<E> entries);
    }

    /** What goes together. Its fields but for the answers are guarded by the lock. */
    private static final class Batch<E> {
        private final List<E> entries = new ArrayList<>(SIZE);
        private final Condition full;
        private final CompletableFuture<List<Optional<IOException>>> answers =
                new CompletableFuture<>();
        private int bytes;
        private boolean closed;

        Batch(Condition full) {
            this.full = full;
        }
    }

    /**
     * @param linger how long a call waits for more entries
     * @param maxBytes of all entries of a call
     * @param concurrent calls beside each other at most
     */
    BatchedCalls(Duration linger, int maxBytes, int concurrent, Call<E> call) {
        this.lingerNs = linger.toNanos();
        this.maxBytes = maxBytes;
        this.calls = new Semaphore(concurrent);
        this.call = call;
    }

    /**
     * Returns once the service has said that it has the entry.
     *
     * @param bytes of the entry, no more than a call may have
     * @throws IOException why it has not
     */
    void send(E entry, int bytes) throws IOException, InterruptedException {
        Batch<E> batch;
        int position;
        try (var _ = lock.hold()) {
            if (open != null && open.bytes + bytes > maxBytes) {
                close(open);
            }
            if (open == null) {
                open = new Batch<>(lock.newCondition());
            }
            batch = open;
            position = batch.entries.size();
            batch.entries.add(entry);
            batch.bytes += bytes;
            if (batch.entries.size() == SIZE) {
                close(batch);
            }
        }
        if (position == 0) {
            lead(batch);
        }
        Optional<IOException> refusal = answers(batch).get(position);
        if (refusal.isPresent()) {
            throw refusal.get();
        }
    }

    private void close(Batch<E> batch) {
        batch.closed = true;
        batch.full.signalAll();
        if (open == batch) {
            open = null;
        }
    }

    /** Makes the call of a batch; whatever happens, the others of the batch are told. */
    private void lead(Batch<E> batch) throws InterruptedException {
        try {
            awaitFull(batch);
            calls.acquire();
            try {
                try (var _ = lock.hold()) {
                    close(batch);
                }
                batch.answers.complete(call.send(batch.entries));
            } finally {
                calls.release();
            }
        } catch (InterruptedException | RuntimeException | Error e) {
            try (var _ = lock.hold()) {
                close(batch);
            }
            batch.answers.completeExceptionally(e);
            throw e;
        }
    }

    private void awaitFull(Batch<E> batch) throws InterruptedException {
        try (var _ = lock.hold()) {
            long leftNs = lingerNs;
            while (!batch.closed && leftNs > 0) {
                leftNs = batch.full.awaitNanos(leftNs);
            }
        }
    }

    private static <E> List<Optional<IOException>> answers(Batch<E> batch)
            throws IOException, InterruptedException {
        try {
            return batch.answers.get();
        } catch (ExecutionException e) {
            throw new IOException("the call that was to take it broke off", e.getCause());
        }
    }
}
