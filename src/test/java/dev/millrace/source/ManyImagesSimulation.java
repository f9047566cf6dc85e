package dev.millrace.source;

import dev.millrace.deliver.MessageDeduplicator;
import dev.millrace.job.Admission;
import dev.millrace.job.Delivery;
import dev.millrace.job.Destination;
import dev.millrace.job.Failure;
import dev.millrace.job.Message;
import dev.millrace.job.Outcome;
import dev.millrace.job.Request;
import dev.millrace.job.Settlement;
import dev.millrace.job.Shipment;
import dev.millrace.job.Stage;
import dev.millrace.job.WaitingImages;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.stream.IntStream;
import okhttp3.HttpUrl;

/**
 * Workers on a queue of messages of many images, in simulated time and on one thread. Admission,
 * the order of images, leases and the memory of answered images are the worker's own; queue, image
 * host and device are delays. A run depends on its scene alone.
 */
final class ManyImagesSimulation {
    private static final long SECOND = 1_000_000_000L;
    private static final long ROUND_TRIP = SECOND / 50;
    private static final long LOOK = SECOND / 200;
    private static final int IN_FLIGHT = 2048;
    private static final int MAX_POLLS = 16;
    private static final long START = 7;

    /**
     * What is simulated.
     *
     * @param images of each message, by its number
     * @param rate images a second that the device of a worker computes
     * @param hostSeconds that a download takes
     * @param killed whether the first worker is killed when half of the images are answered
     */
    record Scene(
            int[] images,
            double rate,
            double hostSeconds,
            double visibility,
            double deadline,
            int maxReceives,
            int workers,
            boolean killed) {
        static Scene of(int messages, int imagesEach, double rate) {
            int[] images = new int[messages];
            Arrays.fill(images, imagesEach);
            return new Scene(images, rate, 0.1, 60, 300, 5, 1, false);
        }

        Scene images(int[] other) {
            return new Scene(
                    other, rate, hostSeconds, visibility, deadline, maxReceives, workers, killed);
        }

        Scene host(double seconds) {
            return new Scene(
                    images, rate, seconds, visibility, deadline, maxReceives, workers, killed);
        }

        Scene leases(double visible, double until) {
            return new Scene(
                    images, rate, hostSeconds, visible, until, maxReceives, workers, killed);
        }

        Scene workers(int count, boolean oneKilled) {
            return new Scene(
                    images, rate, hostSeconds, visibility, deadline, maxReceives, count, oneKilled);
        }

        int total() {
            return IntStream.of(images).sum();
        }

        @Override
        public String toString() {
            return "%d messages, %d images, %.0f/s, host %.1f s, visibility %.0f s, deadline %.0f s, %d workers%s"
                    .formatted(
                            images.length,
                            total(),
                            rate,
                            hostSeconds,
                            visibility,
                            deadline,
                            workers,
                            killed ? ", one killed" : "");
        }
    }

    /**
     * What a run came to.
     *
     * @param repeated downloads beyond the first of an image
     * @param lost leases that ended before their message did
     * @param seconds of simulated time
     */
    record Result(int answered, int dead, int repeated, int lost, int maxReceives, double seconds) {
        @Override
        public String toString() {
            return "%,d answered, %d dead, %,d downloaded twice, %d leases lost, %d receives at most, %.0f s"
                    .formatted(answered, dead, repeated, lost, maxReceives, seconds);
        }
    }

    private record Event(long atNs, long number, Runnable action) {}

    private final Scene scene;
    private final PriorityQueue<Event> events =
            new PriorityQueue<>(
                    Comparator.comparingLong(Event::atNs).thenComparingLong(Event::number));
    private final List<Queued> queue = new ArrayList<>();
    private final Map<String, Integer> downloads = new HashMap<>();
    private final Set<String> answered = new HashSet<>();
    private final List<Worker> workers = new ArrayList<>();
    private long nowNs = START;
    private long number;
    private int lost;

    private ManyImagesSimulation(Scene scene) {
        this.scene = scene;
        for (int i = 0; i < scene.images.length; i++) {
            queue.add(new Queued("m" + i, scene.images[i]));
        }
        for (int i = 0; i < scene.workers; i++) {
            workers.add(new Worker());
        }
    }

    static Result run(Scene scene) {
        return new ManyImagesSimulation(scene).run();
    }

    private Result run() {
        workers.forEach(Worker::start);
        // A day is longer than any scene should take.
        long endNs = START + 86_400 * SECOND;
        while (!events.isEmpty() && nowNs < endNs && queue.stream().anyMatch(Queued::isLeft)) {
            for (int i = 0; i < 1000 && !events.isEmpty(); i++) {
                Event event = events.remove();
                nowNs = event.atNs;
                event.action.run();
            }
            if (scene.killed && workers.getFirst().alive && answered.size() * 2 >= scene.total()) {
                workers.getFirst().alive = false;
            }
        }
        return new Result(
                answered.size(),
                (int) queue.stream().filter(one -> one.dead).count(),
                downloads.values().stream().mapToInt(times -> times - 1).sum(),
                lost,
                queue.stream().mapToInt(one -> one.receives).max().orElse(0),
                (double) (nowNs - START) / SECOND);
    }

    private void after(long delayNs, Runnable action) {
        events.add(new Event(nowNs + delayNs, number++, action));
    }

    /** A message in the queue. */
    private final class Queued {
        final String id;
        final int images;
        long visibleNs = START;
        int receives;
        boolean deleted;
        boolean dead;

        Queued(String id, int images) {
            this.id = id;
            this.images = images;
        }

        boolean isLeft() {
            return !deleted && !dead;
        }

        /** Says whether a receive call gives it out. */
        boolean isGiven() {
            if (!isLeft() || visibleNs > nowNs) {
                return false;
            }
            dead = receives == scene.maxReceives;
            if (!dead) {
                receives++;
                visibleNs = nowNs + (long) (scene.visibility * SECOND);
            }
            return !dead;
        }
    }

    /** A worker with one device. */
    private final class Worker implements Settlement {
        final Admission admission =
                new Admission(IN_FLIGHT, 1L << 40, 32, scene.visibility, 0, () -> nowNs);
        final WaitingImages waiting = new WaitingImages(admission, this::accept);
        final MessageDeduplicator duplicates = new MessageDeduplicator();
        final Map<Message, Lease> leases = new HashMap<>();
        final Map<Message, Queued> received = new HashMap<>();
        final long visibilityNs = (long) (scene.visibility * SECOND);
        boolean alive = true;
        int polls;
        int room = 2;
        boolean known;
        long deviceFreeNs = START;
        int calls;
        long callsNs;
        long callsSinceNs = START;

        void start() {
            admission.bound().follow(() -> 32, () -> spentNs(0));
            look();
            keep();
        }

        private void later(long delayNs, Runnable action) {
            after(
                    delayNs,
                    () -> {
                        if (alive) {
                            action.run();
                        }
                    });
        }

        /** How long downloads have taken together. */
        private long spentNs(int more) {
            callsNs += calls * (nowNs - callsSinceNs);
            callsSinceNs = nowNs;
            calls += more;
            return callsNs;
        }

        private void look() {
            while (polls < room) {
                int permits = admission.tryAcquire(known ? ReceiveCall.SIZE : 1);
                if (permits == 0) {
                    break;
                }
                polls++;
                later(ROUND_TRIP, () -> polled(permits));
            }
            later(LOOK, this::look);
        }

        private void polled(int permits) {
            List<Queued> arrivals = queue.stream().filter(Queued::isGiven).limit(permits).toList();
            polls--;
            room =
                    arrivals.isEmpty()
                            ? 1
                            : arrivals.size() == permits ? Math.min(MAX_POLLS, room + 1) : 2;
            arrivals.forEach(this::take);
            int images = arrivals.stream().mapToInt(one -> one.images).sum();
            known |= !arrivals.isEmpty();
            admission.polled(permits, arrivals.size(), images);
        }

        private void take(Queued queued) {
            String receipt = queued.id + "/" + queued.receives;
            Delivery delivery = new Delivery(queued.id, receipt, queued.receives, 0, nowNs);
            List<Request> requests =
                    IntStream.range(0, queued.images)
                            .mapToObj(i -> request(S3Events.imageId(queued.id, i)))
                            .toList();
            if (requests.size() == 1) {
                Message message = new Message(delivery, requests.getFirst(), this);
                track(message, queued);
                accept(message);
                return;
            }
            Shipment shipment = new Shipment(delivery, requests, this, waiting);
            track(shipment.whole(), queued);
            shipment.start();
        }

        private void track(Message message, Queued queued) {
            received.put(message, queued);
            leases.put(message, new Lease(message, visibilityNs, (long) (scene.deadline * SECOND)));
        }

        private void accept(Message image) {
            if (duplicates.begin(image)) {
                work(image);
            }
        }

        private void work(Message image) {
            if (duplicates.wasDelivered(image)) {
                image.settle(new Outcome.Delivered());
                return;
            }
            downloads.merge(image.id(), 1, Integer::sum);
            spentNs(1);
            later((long) (scene.hostSeconds * SECOND), () -> downloaded(image));
        }

        private void downloaded(Message image) {
            spentNs(-1);
            deviceFreeNs = Math.max(deviceFreeNs, nowNs) + (long) (SECOND / scene.rate);
            later(deviceFreeNs - nowNs, () -> computed(image));
        }

        private void computed(Message image) {
            if (isOver(image.whole())) {
                image.settle(
                        new Outcome.Rejected(
                                new Failure(Failure.Kind.LEASE_LOST, Stage.CALLBACK, "over")));
                return;
            }
            answered.add(image.id());
            image.settle(new Outcome.Delivered());
        }

        private boolean isOver(Message whole) {
            Lease lease = leases.get(whole);
            return lease == null || lease.isOver(nowNs);
        }

        @Override
        public void imageSettled(Message image, Outcome outcome) {
            if (outcome instanceof Outcome.Delivered) {
                duplicates.delivered(image);
            }
            duplicates.settled(image).ifPresent(this::work);
        }

        @Override
        public void settled(Message message, Outcome outcome) {
            duplicates.settled(message).ifPresent(this::work);
            later(
                    ROUND_TRIP,
                    () -> {
                        if (!isOver(message)) {
                            Queued queued = received.get(message);
                            queued.deleted |= outcome instanceof Outcome.Delivered;
                            queued.visibleNs = nowNs;
                        }
                        leases.remove(message);
                        received.remove(message);
                        admission.release(message);
                    });
        }

        private void keep() {
            leases.forEach(
                    (message, lease) -> {
                        if (message.leaseLost()) {
                            return;
                        }
                        if (lease.isOver(nowNs)) {
                            lost++;
                        } else if (lease.isDue(nowNs) && lease.beginBeat(nowNs)) {
                            Queued queued = received.get(message);
                            queued.visibleNs = nowNs + visibilityNs;
                            lease.extended(nowNs + visibilityNs, nowNs + visibilityNs / 3);
                        }
                    });
            later(Math.min(SECOND, visibilityNs / 30), this::keep);
        }
    }

    private static Request request(String id) {
        return new Request(
                id,
                "http://images.test/a.jpg",
                List.of("safety"),
                new Destination.Callback(HttpUrl.get("http://sink.test/")),
                Optional.empty());
    }
}
