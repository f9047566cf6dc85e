package dev.millrace.lab.bench;

import dev.millrace.lab.demo.LocalQueue;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Puts messages into the queue on a thread of its own: so many that it is never empty, or at a
 * rate, evenly or by chance, whatever becomes of them.
 */
final class Sender {
    private static final long LOOK_NS = TimeUnit.MILLISECONDS.toNanos(5);

    /** The next message may be far away, and a run that ends waits for the sender. */
    private static final long LONGEST_SLEEP_NS = TimeUnit.MILLISECONDS.toNanos(100);

    private final QueueWriter queue;
    private final ResultSink sink;
    private final Pictures pictures;
    private final List<String> tasks;
    private final List<String> imageHosts;
    private final String callback;
    private final Optional<Random> chance;
    private volatile boolean stopped;
    private Thread thread;
    private long sent;

    /**
     * @param pictures which image each message asks for
     * @param imageHosts what their URLs begin with; messages name them in turn
     * @param callback the URL of the sink
     * @param chance by which messages come at a rate; evenly without it
     */
    Sender(
            QueueWriter queue,
            ResultSink sink,
            Pictures pictures,
            List<String> tasks,
            List<String> imageHosts,
            String callback,
            Optional<Random> chance) {
        this.queue = queue;
        this.sink = sink;
        this.pictures = pictures;
        this.tasks = tasks;
        this.imageHosts = imageHosts;
        this.callback = callback;
        this.chance = chance;
    }

    /** Keeps so many messages without a result; returns when they are there. */
    void fill(int backlog) {
        topUp(backlog);
        start(
                () -> {
                    while (!stopped) {
                        topUp(backlog);
                        LockSupport.parkNanos(LOOK_NS);
                    }
                });
    }

    private void topUp(int backlog) {
        while (!stopped && sink.expected() + QueueWriter.BATCH <= backlog) {
            long nowNs = System.nanoTime();
            send(Collections.nCopies(QueueWriter.BATCH, nowNs));
        }
    }

    /** Sends at a rate from now on, on a schedule that waits for nobody. */
    void rate(double perSecond) {
        double meanNs = 1e9 / perSecond;
        long startNs = System.nanoTime();
        start(
                () -> {
                    for (double sinceStartNs = 0; !stopped; ) {
                        List<Long> due = new ArrayList<>();
                        long nowNs = System.nanoTime();
                        long atNs = startNs + Math.round(sinceStartNs);
                        while (due.size() < QueueWriter.BATCH && atNs - nowNs <= 0) {
                            due.add(atNs);
                            sinceStartNs += meanNs * gap();
                            atNs = startNs + Math.round(sinceStartNs);
                        }
                        send(due);
                        if (due.size() < QueueWriter.BATCH) {
                            LockSupport.parkNanos(
                                    Math.min(LONGEST_SLEEP_NS, atNs - System.nanoTime()));
                        }
                    }
                });
    }

    /** Between two messages, in mean gaps. */
    private double gap() {
        return chance.map(random -> -Math.log(1 - random.nextDouble())).orElse(1.0);
    }

    private void start(Runnable sending) {
        thread = Thread.ofPlatform().name("bench-sender").daemon().start(sending);
    }

    private void send(List<Long> scheduledNs) {
        if (scheduledNs.isEmpty()) {
            return;
        }
        List<String> bodies = new ArrayList<>(scheduledNs.size());
        for (long atNs : scheduledNs) {
            int picture = pictures.next();
            String host = imageHosts.get((int) (sent % imageHosts.size()));
            String id = (pictures.isLarge(picture) ? ResultSink.LARGE : "bench-") + sent++;
            sink.expect(id, atNs);
            bodies.add(LocalQueue.body(id, host + ImageHost.PATH + picture, tasks, callback));
        }
        queue.send(bodies);
    }

    /** Ends sending; another run may follow. */
    void stop() throws InterruptedException {
        stopped = true;
        if (thread != null) {
            thread.join();
        }
        stopped = false;
    }
}
