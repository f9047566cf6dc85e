package dev.millrace.job;

import dev.millrace.api.ImageInfo;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * A message in the worker, from its receipt until it is settled. It has one owner at a time: the
 * receiver, the fetch task, the rings (one job per task), the callback, the acknowledger. The last
 * job to {@link #complete} hands it on.
 */
public final class Message {
    private final Delivery delivery;
    private final Request request;
    private final Settlement settlement;
    private final AtomicReferenceArray<TaskResult> results;
    private final AtomicInteger pending;
    private final AtomicReference<Outcome> outcome = new AtomicReference<>();
    private final AtomicReference<ImageInfo> image = new AtomicReference<>();
    private volatile long fetchNs;
    private final Held held = new Held();
    private volatile boolean leaseLost;

    public Message(Delivery delivery, Request request, Settlement settlement) {
        this.delivery = Objects.requireNonNull(delivery, "delivery");
        this.request = Objects.requireNonNull(request, "request");
        this.settlement = Objects.requireNonNull(settlement, "settlement");
        this.results = new AtomicReferenceArray<>(request.tasks().size());
        this.pending = new AtomicInteger(request.tasks().size());
    }

    public Delivery delivery() {
        return delivery;
    }

    public Request request() {
        return request;
    }

    /**
     * Stores the result of one task.
     *
     * @param task its position in the request
     * @return whether it was the last, so that the caller now owns the message and hands it to the
     *     callback
     */
    public boolean complete(int task, TaskResult result) {
        if (!results.compareAndSet(task, null, result)) {
            throw new IllegalStateException(
                    "task " + task + " of message " + request.id() + " ended twice");
        }
        return pending.decrementAndGet() == 0;
    }

    /**
     * Gives every task that has no result yet this failure. Only for an owner that has published no
     * job.
     */
    public void failAll(Failure failure) {
        for (int task = 0; task < results.length(); task++) {
            if (results.compareAndSet(
                    task, null, TaskResult.failed(request.tasks().get(task), failure))) {
                pending.decrementAndGet();
            }
        }
    }

    /** The results in the order of the request; complete once the message was handed on. */
    public List<TaskResult> results() {
        List<TaskResult> all = new ArrayList<>(results.length());
        for (int task = 0; task < results.length(); task++) {
            all.add(Objects.requireNonNull(results.get(task), "a task has no result yet"));
        }
        return all;
    }

    /** What is known of the image, once one job has decoded it. */
    public Optional<ImageInfo> image() {
        return Optional.ofNullable(image.get());
    }

    public void image(ImageInfo info) {
        image.set(info);
    }

    /** How long the download took. */
    public long fetchNs() {
        return fetchNs;
    }

    public void fetchNs(long nanos) {
        fetchNs = nanos;
    }

    /** What it holds of the worker's budget of bytes. */
    public Held held() {
        return held;
    }

    /**
     * Whether the queue may have given the message to somebody else, so that nothing may be said
     * for it any more.
     */
    public boolean leaseLost() {
        return leaseLost;
    }

    public void loseLease() {
        leaseLost = true;
    }

    /**
     * Ends the message. The first call counts.
     *
     * @return whether this was the first
     */
    public boolean settle(Outcome ending) {
        if (!outcome.compareAndSet(null, ending)) {
            return false;
        }
        settlement.settled(this, ending);
        return true;
    }

    public boolean isSettled() {
        return outcome.get() != null;
    }
}
