package dev.millrace.job;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * A message of the queue with several images, each of which goes through the stages as a message of
 * its own. The queue is told once, when all have their outcome: the message is deleted where all
 * were delivered, and comes again where one is to be tried again.
 *
 * <p>Each image that is in the stages has a permit of {@link Admission}. The first has the one that
 * the message came with; others follow as {@link WaitingImages} hands them on, and the message goes
 * on with one at least. The last permit is returned with the message. Thread-safe.
 */
public final class Shipment implements Settlement {
    private final Message whole;
    private final List<Message> images = new ArrayList<>();
    private final Settlement settlement;
    private final Admission admission;
    private final WaitingImages waiting;
    private final Set<Message> running = new HashSet<>();
    private Outcome worst = new Outcome.Delivered();
    private int next;
    private int ended;

    /**
     * @param delivery of the message, as the queue knows it
     * @param requests several; their ids are those that the images have for everybody but the queue
     * @param settlement is told of each image, and then of the message
     * @param waiting hands its images on
     */
    public Shipment(
            Delivery delivery,
            List<Request> requests,
            Settlement settlement,
            WaitingImages waiting) {
        this.settlement = settlement;
        this.admission = waiting.admission();
        this.waiting = waiting;
        this.whole = new Message(delivery, images, settlement);
        for (Request request : requests) {
            images.add(
                    new Message(
                            delivery.withId(request.id()), whole, images.size(), request, this));
        }
    }

    /** What the queue knows. */
    public Message whole() {
        return whole;
    }

    /** Hands on the first image, and the others behind those of older messages. */
    public void start() {
        synchronized (this) {
            admission.waiting(images.size() - 1);
            waiting.ready(begin());
        }
        waiting.add(this);
        waiting.hand();
    }

    /** Whether an image waits for a permit. */
    synchronized boolean isWaiting() {
        return next < images.size();
    }

    /**
     * Takes a permit for the next image.
     *
     * @param least 1 to take it also where none is free
     * @return null where none is free, or no image waits
     */
    synchronized Message take(int least) {
        return isWaiting() && admission.more(1, least) > 0 ? begin() : null;
    }

    private Message begin() {
        Message image = images.get(next++);
        running.add(image);
        whole.imagesWait(isWaiting());
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
        }
        waiting.hand();
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
        whole.imagesWait(false);
        admission.waiting(-kept.size());
        return kept;
    }

    /** Says whether it was the last. */
    private synchronized boolean count(Message image, Outcome outcome) {
        ended++;
        worst = worse(worst, by(image, outcome));
        if (running.remove(image) && (isWaiting() || !running.isEmpty())) {
            admission.release(image);
            if (running.isEmpty()) {
                waiting.ready(take(1));
            }
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
