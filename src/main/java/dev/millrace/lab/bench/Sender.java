package dev.millrace.lab.bench;

import dev.millrace.lab.demo.LocalQueue;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Puts messages into the queue on a thread of its own: so many that it is never empty, or at a
 * fixed rate, whatever becomes of them.
 */
final class Sender {
    private static final long LOOK_NS = TimeUnit.MILLISECONDS.toNanos(5);

    private final QueueWriter queue;
    private final ResultSink sink;
    private final Pictures pictures;
    private final List<String> tasks;
    private final String base;
    private volatile boolean stopped;
    private Thread thread;
    private long sent;

    /**
     * @param pictures which image each message asks for
     * @param base of the image host and the sink
     */
    Sender(QueueWriter queue, ResultSink sink, Pictures pictures, List<String> tasks, String base) {
        this.queue = queue;
        this.sink = sink;
        this.pictures = pictures;
        this.tasks = tasks;
        this.base = base;
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

    /** Sends at a fixed rate from now on. */
    void rate(double perSecond) {
        double periodNs = 1e9 / perSecond;
        long startNs = System.nanoTime();
        start(
                () -> {
                    for (long next = 0; !stopped; ) {
                        List<Long> due = new ArrayList<>();
                        long nowNs = System.nanoTime();
                        long atNs = startNs + Math.round(next * periodNs);
                        while (due.size() < QueueWriter.BATCH && atNs - nowNs <= 0) {
                            due.add(atNs);
                            atNs = startNs + Math.round(++next * periodNs);
                        }
                        send(due);
                        if (due.size() < QueueWriter.BATCH) {
                            LockSupport.parkNanos(atNs - System.nanoTime());
                        }
                    }
                });
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
            String id = (pictures.isLarge(picture) ? ResultSink.LARGE : "bench-") + sent++;
            sink.expect(id, atNs);
            String image = base + ImageHost.PATH + picture;
            bodies.add(LocalQueue.body(id, image, tasks, base + ResultSink.PATH));
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
