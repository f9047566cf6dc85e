package dev.millrace.cli.bench;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.cli.demo.LocalQueue;
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
    private static final int BATCH = 10;
    private static final long LOOK_NS = TimeUnit.MILLISECONDS.toNanos(5);

    private final LocalQueue queue;
    private final ResultSink sink;
    private final int images;
    private final List<String> tasks;
    private final String base;
    private volatile boolean stopped;
    private Thread thread;
    private long sent;

    /**
     * @param base of the image host and the sink
     */
    Sender(LocalQueue queue, ResultSink sink, int images, List<String> tasks, String base) {
        this.queue = queue;
        this.sink = sink;
        this.images = images;
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
        while (!stopped && sink.expected() + BATCH <= backlog) {
            long nowNs = System.nanoTime();
            send(Collections.nCopies(BATCH, nowNs));
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
                        while (due.size() < BATCH && atNs - nowNs <= 0) {
                            due.add(atNs);
                            atNs = startNs + Math.round(++next * periodNs);
                        }
                        send(due);
                        if (due.size() < BATCH) {
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
            String id = "bench-" + sent;
            sink.expect(id, atNs);
            bodies.add(body(id, sent++ % images));
        }
        queue.send(bodies);
    }

    private String body(String id, long image) {
        ObjectNode body = JsonMapper.builder().build().createObjectNode();
        body.put("id", id);
        body.put("url", base + ImageHost.PATH + image);
        body.putPOJO("tasks", tasks);
        body.put("callback_url", base + ResultSink.PATH);
        return body.toString();
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
