package dev.millrace.serve;

import dev.millrace.job.Delivery;
import dev.millrace.job.Destination;
import dev.millrace.job.Message;
import dev.millrace.job.Outcome;
import dev.millrace.job.Request;
import dev.millrace.job.Stage;
import dev.millrace.resource.Deadline;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BiConsumer;

/**
 * The images that callers wait for. Each goes the way of a message of the queue, and its settlement
 * is its caller's answer. Thread-safe.
 */
final class Callers {
    private static final long LOOK_NS = TimeUnit.MILLISECONDS.toNanos(5);

    private final Share share;
    private final Entrance entrance;
    private final BiConsumer<Message, Outcome> settled;
    private final Set<Message> inHand = ConcurrentHashMap.newKeySet();
    private final AtomicInteger requests = new AtomicInteger();
    private volatile boolean draining;

    /**
     * @param settled is told how each image ended
     */
    Callers(Share share, Entrance entrance, BiConsumer<Message, Outcome> settled) {
        this.share = share;
        this.entrance = entrance;
        this.settled = settled;
    }

    Share share() {
        return share;
    }

    /** An image of a request, which a permit was taken for. */
    record Image(Message message, Waiting waiting) {}

    /**
     * Makes an image that its caller waits for.
     *
     * @param id of the result
     * @param delivery whose id is the image's: the same for the same image, so that one which
     *     crashes the worker is known again
     */
    Image image(String id, Delivery delivery, String url, String task) {
        Waiting waiting = new Waiting(this::left);
        Message message =
                new Message(
                        delivery,
                        new Request(
                                id, url, List.of(task), new Destination.Caller(), Optional.empty()),
                        waiting);
        return new Image(message, waiting);
    }

    /** Sends an image on its way. */
    void enter(Image image, Optional<byte[]> body) {
        inHand.add(image.message());
        if (draining) {
            image.message().settle(Outcome.Retry.draining(Stage.FETCH));
        } else {
            entrance.accept(image.message(), body);
        }
    }

    private void left(Message message, Outcome outcome) {
        inHand.remove(message);
        share.left(message);
        settled.accept(message, outcome);
    }

    /** A request is being answered from now on. */
    void began() {
        requests.incrementAndGet();
    }

    void ended() {
        requests.decrementAndGet();
    }

    /** From now on nothing is taken in. */
    void drain() {
        draining = true;
    }

    boolean isDraining() {
        return draining;
    }

    /** Ends all images that are still here as those of a worker that ends. */
    void giveBack() {
        drain();
        inHand.forEach(message -> message.settle(Outcome.Retry.draining(Stage.FETCH)));
    }

    /** Waits until all requests are answered; says whether they are. */
    boolean await(Duration timeout) {
        Deadline deadline = Deadline.in(timeout);
        while (requests.get() > 0 && !deadline.passed()) {
            LockSupport.parkNanos(LOOK_NS);
        }
        return requests.get() == 0;
    }
}
