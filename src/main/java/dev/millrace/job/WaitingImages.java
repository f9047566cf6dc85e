package dev.millrace.job;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/**
 * Hands on the images of messages of several as permits become free. The oldest message goes first,
 * so that few messages are half done when a worker ends, and each message works on one image at
 * least, so that a slow host of one message stops no other. While images wait, {@link Admission}
 * lets nobody poll: a poll cannot know how many images its messages have. Thread-safe; one thread
 * at a time hands images on.
 */
public final class WaitingImages {
    private static final Failure LEASE_LOST =
            new Failure(
                    Failure.Kind.LEASE_LOST,
                    Stage.RECEIVE,
                    "the lease of the message ended before the work on this image began");

    private final Admission admission;
    private final Consumer<Message> consumer;
    private final Queue<Shipment> waiting = new ConcurrentLinkedQueue<>();
    private final Queue<Message> ready = new ConcurrentLinkedQueue<>();
    private final AtomicInteger calls = new AtomicInteger();

    /**
     * @param consumer takes an image, and throws nothing
     */
    public WaitingImages(Admission admission, Consumer<Message> consumer) {
        this.admission = admission;
        this.consumer = consumer;
    }

    Admission admission() {
        return admission;
    }

    void add(Shipment shipment) {
        waiting.add(shipment);
    }

    /** It has a permit, and takes precedence over those that have none. */
    void ready(Message image) {
        ready.add(image);
    }

    /** Hands on what may be; where another thread does, or this one further up, that one does. */
    void hand() {
        if (calls.getAndIncrement() > 0) {
            return;
        }
        int seen = 1;
        while (seen != 0) {
            for (Message image = next(); image != null; image = next()) {
                hand(image);
            }
            seen = calls.addAndGet(-seen);
        }
    }

    /** None where no permit is free, or nothing waits. */
    private Message next() {
        Message image = ready.poll();
        for (Shipment oldest = waiting.peek(); image == null && oldest != null; ) {
            if (oldest.isWaiting()) {
                return oldest.take(0);
            }
            waiting.remove(oldest);
            oldest = waiting.peek();
        }
        return image;
    }

    private void hand(Message image) {
        if (image.leaseLost()) {
            image.settle(new Outcome.Rejected(LEASE_LOST));
        } else if (!image.isSettled()) {
            image.begin(admission.nowNs());
            consumer.accept(image);
        }
    }
}
