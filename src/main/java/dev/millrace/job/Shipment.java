package dev.millrace.job;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/**
 * A message of the queue with several images, each of which goes through the stages as a message of
 * its own. The queue is told once, when all have their outcome: the message is deleted where all
 * were delivered, and comes again where one is to be tried again.
 *
 * <p>Each image that is in the stages has a permit of {@link Admission}. The first has the one that
 * the message came with; others follow as far as permits are free, and one for each that ends, so
 * that each message goes on however many wait. The last permit is returned with the message.
 * Thread-safe; images are handed on by whoever settled others, one thread at a time.
 */
public final class Shipment implements Settlement {
    private final Message whole;
    private final List<Message> images = new ArrayList<>();
    private final Settlement settlement;
    private final Admission admission;
    private final Consumer<Message> consumer;
    private final Set<Message> running = new HashSet<>();
    private final Deque<Message> ready = new ArrayDeque<>();
    private Outcome worst = new Outcome.Delivered();
    private int next;
    private int ended;
    private boolean handing;

    /**
     * @param delivery of the message, as the queue knows it
     * @param requests several; their ids are those that the images have for everybody but the queue
     * @param settlement is told of each image, and then of the message
     * @param consumer takes an image, and throws nothing
     */
    public Shipment(
            Delivery delivery,
            List<Request> requests,
            Settlement settlement,
            Admission admission,
            Consumer<Message> consumer) {
        this.settlement = settlement;
        this.admission = admission;
        this.consumer = consumer;
        this.whole = new Message(delivery, images, settlement);
        for (Request request : requests) {
            images.add(new Message(delivery.withId(request.id()), whole, request, this));
        }
    }

    /** What the queue knows. */
    public Message whole() {
        return whole;
    }

    /** Hands on the first image, and as many as there are permits for. */
    public void start() {
        synchronized (this) {
            take(1 + admission.more(images.size() - 1, 0));
        }
        hand();
    }

    private void take(int count) {
        for (Message image : images.subList(next, next + count)) {
            running.add(image);
            ready.add(image);
        }
        next += count;
    }

    private void hand() {
        for (Message image = begin(); image != null; image = following()) {
            if (!image.isSettled()) {
                consumer.accept(image);
            }
        }
    }

    /** None where another thread hands on, or this one does further up. */
    private synchronized Message begin() {
        if (handing) {
            return null;
        }
        handing = true;
        return following();
    }

    private synchronized Message following() {
        Message image = ready.poll();
        handing = image != null;
        return image;
    }

    @Override
    public void settled(Message image, Outcome outcome) {
        settlement.imageSettled(image, outcome);
        List<Message> kept = isForAll(outcome) ? stop() : List.of();
        boolean last = count(image, outcome);
        kept.forEach(other -> other.settle(outcome));
        if (last) {
            whole.conclude(worst);
        } else {
            hand();
        }
    }

    /** Whether there is nothing to be gained from further images. */
    private static boolean isForAll(Outcome outcome) {
        return switch (outcome) {
            case Outcome.Retry retry -> retry.failure().kind() == Failure.Kind.DRAINING;
            case Outcome.Rejected left -> left.failure().kind() == Failure.Kind.LEASE_LOST;
            case Outcome.Delivered _, Outcome.Dropped _ -> false;
        };
    }

    /** Hands on no further images; gives those that it has kept. */
    private synchronized List<Message> stop() {
        List<Message> kept = List.copyOf(images.subList(next, images.size()));
        next = images.size();
        return kept;
    }

    /** Says whether it was the last. */
    private synchronized boolean count(Message image, Outcome outcome) {
        ended++;
        worst = worse(worst, by(image, outcome));
        boolean had = running.remove(image);
        int left = images.size() - next;
        if (had && (left > 0 || !running.isEmpty())) {
            admission.release(image);
        }
        if (left > 0) {
            take(admission.more(left, 1));
        }
        return ended == images.size();
    }

    /** To be tried again goes before what nobody could be told; of two pauses the longer counts. */
    private static Outcome worse(Outcome one, Outcome other) {
        return switch (other) {
            case Outcome.Retry second ->
                    one instanceof Outcome.Retry first
                                    && first.after().compareTo(second.after()) >= 0
                            ? first
                            : second;
            case Outcome.Rejected _ -> one instanceof Outcome.Retry ? one : other;
            case Outcome.Delivered _, Outcome.Dropped _ -> one;
        };
    }

    /** The outcome with the image's name in its line. */
    private static Outcome by(Message image, Outcome outcome) {
        return switch (outcome) {
            case Outcome.Retry(Duration after, Failure failure) ->
                    new Outcome.Retry(after, named(image, failure));
            case Outcome.Rejected(Failure failure) -> new Outcome.Rejected(named(image, failure));
            case Outcome.Delivered _, Outcome.Dropped _ -> outcome;
        };
    }

    private static Failure named(Message image, Failure failure) {
        return new Failure(
                failure.kind(), failure.stage(), "image " + image.id() + ": " + failure.message());
    }
}
