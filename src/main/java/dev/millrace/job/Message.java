package dev.millrace.job;

import dev.millrace.api.ImageInfo;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.ToLongFunction;

/**
 * A message in the worker, from its receipt until it is settled. It has one owner at a time: the
 * receiver, the fetch task, the rings (one job per task), the callback, the acknowledger. The last
 * job to {@link #complete} hands it on.
 *
 * <p>The stages see one image in each. Where the queue's message has several, or none, there is one
 * without a request for it, which only the queue's side sees, and one for each {@link #images
 * image}, which share its lease. {@link Shipment} is what connects them.
 */
public final class Message {
    private final Delivery delivery;
    private final Message whole;
    private final Optional<Request> request;
    private final List<Message> images;
    private final Settlement settlement;
    private final AtomicReferenceArray<TaskResult> results;
    private final AtomicInteger pending;
    private final AtomicReference<Outcome> outcome = new AtomicReference<>();
    private final AtomicReference<ImageInfo> image = new AtomicReference<>();
    private volatile long fetchNs;
    private volatile long fetchStartNs;
    private volatile long fetchEndNs;
    private final TracedCalls calls;
    private final RequestUsage usage = new RequestUsage();
    private final boolean hasCaller;
    private final int position;
    private volatile boolean leaseLost;
    private volatile boolean imagesWait;
    private volatile long beganNs;
    private long imageBytes;

    /** A message of one image. */
    public Message(Delivery delivery, Request request, Settlement settlement) {
        this(delivery, null, 0, Optional.of(request), List.of(), settlement);
    }

    /** One image of a message of several. */
    Message(
            Delivery delivery,
            Message whole,
            int position,
            Request request,
            Settlement settlement) {
        this(
                delivery,
                Objects.requireNonNull(whole, "whole"),
                position,
                Optional.of(request),
                List.of(),
                settlement);
    }

    /**
     * What the queue gave, of whose images each is a message of its own.
     *
     * @param images may be added later, before anybody else sees it
     */
    Message(Delivery delivery, List<Message> images, Settlement settlement) {
        this(delivery, null, 0, Optional.empty(), images, settlement);
    }

    private Message(
            Delivery delivery,
            Message whole,
            int position,
            Optional<Request> request,
            List<Message> images,
            Settlement settlement) {
        this.delivery = Objects.requireNonNull(delivery, "delivery");
        this.whole = whole == null ? this : whole;
        this.position = position;
        this.beganNs = delivery.receivedNs();
        this.request = request;
        this.images = images;
        this.settlement = Objects.requireNonNull(settlement, "settlement");
        this.calls = new TracedCalls(delivery.trace());
        this.hasCaller =
                request.map(Request::destination)
                        .filter(Destination.Caller.class::isInstance)
                        .isPresent();
        int tasks = request.map(Request::tasks).map(List::size).orElse(0);
        this.results = new AtomicReferenceArray<>(tasks);
        this.pending = new AtomicInteger(tasks);
    }

    /** A message that asks for no image, so that its end is all that is left. */
    public static Message empty(Delivery delivery, Settlement settlement) {
        return new Message(delivery, List.of(), settlement);
    }

    public Delivery delivery() {
        return delivery;
    }

    /** What is asked for; only a message that a stage has is sure to have one. */
    public Request request() {
        return request.orElseThrow();
    }

    /** The id that results have; of a message without a request the queue's. */
    public String id() {
        return request.map(Request::id).orElse(delivery.messageId());
    }

    /**
     * The message that the queue knows, and whose lease holds: itself, or what it is an image of.
     */
    public Message whole() {
        return whole;
    }

    /** Which image of its message it is, counted from 0: the same at each receipt. */
    public int position() {
        return position;
    }

    /** The work on this image begins, and no more with the receipt of its message. */
    void begin(long nowNs) {
        beganNs = nowNs;
        whole.beganNs = nowNs;
    }

    /**
     * When its work began, by {@link System#nanoTime}: that of a message of several images when
     * that of the newest of them did.
     */
    public long beganNs() {
        return beganNs;
    }

    void imagesWait(boolean some) {
        imagesWait = some;
    }

    /** Whether images of this message wait for those before them. */
    public boolean imagesWait() {
        return imagesWait;
    }

    /** The messages that the stages have of this one; none where it is one itself. */
    public List<Message> images() {
        return Collections.unmodifiableList(images);
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
                    "task " + task + " of message " + id() + " ended twice");
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
                    task, null, TaskResult.failed(request().tasks().get(task), failure))) {
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

    /** The results that there are, also of a message that was settled without all of them. */
    public List<TaskResult> resultsSoFar() {
        List<TaskResult> all = new ArrayList<>(results.length());
        for (int task = 0; task < results.length(); task++) {
            TaskResult result = results.get(task);
            if (result != null) {
                all.add(result);
            }
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

    /** Bytes that hosts have sent for the images of a message of several, up to now. */
    public synchronized long imageBytes() {
        return imageBytes;
    }

    public synchronized void addImageBytes(long bytes) {
        imageBytes += bytes;
    }

    /** How long the download took. */
    public long fetchNs() {
        return fetchNs;
    }

    public void fetchNs(long nanos) {
        fetchNs = nanos;
    }

    /** The download has ended, well or not, its waits included. */
    public void fetched(long startNs, long endNs) {
        fetchStartNs = startNs;
        fetchEndNs = endNs;
    }

    /** When the download began, by {@link System#nanoTime}; 0 where there was none. */
    public long fetchStartNs() {
        return fetchStartNs;
    }

    /** When the download ended, likewise. */
    public long fetchEndNs() {
        return fetchEndNs;
    }

    /** The attempts to deliver its result. */
    public TracedCalls calls() {
        return calls;
    }

    /** What it uses of the worker. */
    public RequestUsage usage() {
        return usage;
    }

    /** The sum of something that it and its images hold. */
    long heldBytes(ToLongFunction<RequestUsage> of) {
        return of.applyAsLong(usage)
                + images.stream().mapToLong(image -> image.heldBytes(of)).sum();
    }

    /**
     * Whether the queue may have given the message to somebody else, so that nothing may be said
     * for it any more.
     */
    public boolean leaseLost() {
        return whole.leaseLost;
    }

    public void loseLease() {
        whole.leaseLost = true;
    }

    /** Whether somebody waits for the answer who called the worker itself. */
    public boolean hasCaller() {
        return hasCaller;
    }

    /** Whether its caller waits no more, so that it need not be computed. */
    public boolean isAbandoned() {
        return hasCaller && leaseLost;
    }

    /** Its caller waits no more; what works on it ends at once. */
    public void abandon() {
        loseLease();
        usage.cancel();
    }

    /**
     * Ends the message; of one with several images all that have not ended, and it ends by what
     * they came to. The first call counts.
     *
     * @return whether this was the first
     */
    public boolean settle(Outcome ending) {
        if (!images.isEmpty()) {
            boolean first = false;
            for (Message image : images) {
                first |= image.settle(ending);
            }
            return first;
        }
        return conclude(ending);
    }

    /** Ends this message alone. */
    boolean conclude(Outcome ending) {
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
