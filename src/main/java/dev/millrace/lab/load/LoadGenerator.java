package dev.millrace.lab.load;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.ObjIntConsumer;
import org.HdrHistogram.Histogram;

/**
 * Sends requests over connections that are kept, and takes the time from the moment at which each
 * was due: where a server or this generator stalls, those that had to wait count their waiting.
 * Used by one thread, which drives all connections.
 */
public final class LoadGenerator implements AutoCloseable {
    /** How long answers are awaited that are on their way at the end. */
    private static final long PATIENCE_NS = TimeUnit.SECONDS.toNanos(30);

    private static final long MOST_NS = TimeUnit.MINUTES.toNanos(10);
    private static final int SELECT_MS = 20;
    private static final int ANSWER_SHOWN = 200;

    private final HttpTarget target;
    private final Selector selector;
    private final List<LoadConnection> connections = new ArrayList<>();
    private final Deque<LoadConnection> idle = new ArrayDeque<>();
    private final ByteBuffer scratch = ByteBuffer.allocateDirect(1 << 16);
    private final Optional<ArrivalClock> clock;
    private final ObjIntConsumer<String> answers;

    private final Map<String, Long> failures = new TreeMap<>();
    private final Map<Integer, String> firstAnswers = new TreeMap<>();
    private final Histogram latencies = new Histogram(MOST_NS, 3);
    private int nextRequest;
    private long beginNs;
    private long endNs;
    private long sent;
    private long completed;

    public LoadGenerator(HttpTarget target, Arrivals arrivals) throws IOException {
        this(target, arrivals, null);
    }

    /**
     * @param answers gets the body of each good answer and the number of its request, outside the
     *     time that is taken; null where nobody wants them
     */
    public LoadGenerator(HttpTarget target, Arrivals arrivals, ObjIntConsumer<String> answers)
            throws IOException {
        this.target = target;
        this.answers = answers;
        selector = Selector.open();
        for (int i = 0; i < arrivals.connections(); i++) {
            connections.add(new LoadConnection(target.address(), selector));
        }
        idle.addAll(connections);
        clock =
                arrivals instanceof Arrivals.Poisson poisson
                        ? Optional.of(new ArrivalClock(poisson, selector::wakeup))
                        : Optional.empty();
    }

    /**
     * Sends for a while, and measures the last part of it.
     *
     * @param begins run when measuring begins
     * @param ends run when it ends
     */
    public LoadFigures run(Duration warmUp, Duration measure, Runnable begins, Runnable ends)
            throws IOException {
        beginNs = System.nanoTime() + warmUp.toNanos();
        endNs = beginNs + measure.toNanos();
        for (long now = System.nanoTime(); now < beginNs; now = System.nanoTime()) {
            step(now);
        }
        begins.run();
        for (long now = System.nanoTime(); now < endNs; now = System.nanoTime()) {
            step(now);
        }
        ends.run();
        clock.ifPresent(ArrivalClock::stop);
        awaitAnswers();
        return new LoadFigures(measure.toNanos() / 1e9, sent, completed, failures, latencies);
    }

    private void step(long now) throws IOException {
        // Those that fail at once are idle again, and must not be tried for ever.
        for (int tries = idle.size(); tries > 0; tries--) {
            Long due = clock.isPresent() ? clock.get().next() : Long.valueOf(now);
            if (due == null) {
                break;
            }
            send(idle.removeFirst(), due);
        }
        long leftMs = TimeUnit.NANOSECONDS.toMillis((now < beginNs ? beginNs : endNs) - now);
        poll(Math.clamp(leftMs, 1, SELECT_MS));
    }

    /** What was due in the measured time is sent, and its answers count, though it is over. */
    private void awaitAnswers() throws IOException {
        long deadline = System.nanoTime() + PATIENCE_NS;
        while (busy() && System.nanoTime() < deadline) {
            Long due = idle.isEmpty() ? null : clock.map(ArrivalClock::next).orElse(null);
            if (due != null) {
                send(idle.removeFirst(), due);
            } else {
                poll(1);
            }
        }
        for (LoadConnection connection : connections) {
            if (connection.busy() && measured(connection.dueNs())) {
                failed("no answer within 30 s");
            }
        }
    }

    private boolean busy() {
        return clock.map(ArrivalClock::waiting).orElse(0) > 0
                || connections.stream().anyMatch(LoadConnection::busy);
    }

    private void send(LoadConnection connection, long dueNs) {
        int request = nextRequest;
        nextRequest = (nextRequest + 1) % target.requests().size();
        if (measured(dueNs)) {
            sent++;
        }
        try {
            connection.send(request, target.requests().get(request), dueNs);
        } catch (IOException e) {
            lost(connection, dueNs, e);
        }
    }

    private void poll(long millis) throws IOException {
        selector.select(this::ready, millis);
    }

    private void ready(SelectionKey key) {
        LoadConnection connection = (LoadConnection) key.attachment();
        boolean wasBusy = connection.busy();
        try {
            if (key.isWritable()) {
                connection.write();
            }
            if (key.isReadable() && connection.read(scratch)) {
                answered(connection, System.nanoTime());
                idle.addLast(connection);
            }
        } catch (IOException e) {
            if (wasBusy) {
                lost(connection, connection.dueNs(), e);
            } else {
                // A server may close what is idle; the next request opens it again.
                connection.close();
            }
        }
    }

    private void answered(LoadConnection connection, long now) {
        int status = connection.answer().status();
        if (status != 200) {
            String first =
                    firstAnswers.computeIfAbsent(status, _ -> shown(connection.answer().body()));
            if (measured(connection.dueNs())) {
                failed("HTTP " + status + ": " + first);
            }
            return;
        }
        if (measured(now)) {
            completed++;
        }
        if (measured(connection.dueNs())) {
            latencies.recordValue(Math.clamp(now - connection.dueNs(), 0, MOST_NS));
            if (answers != null) {
                answers.accept(connection.answer().body(), connection.request());
            }
        }
    }

    private void lost(LoadConnection connection, long dueNs, IOException e) {
        connection.close();
        idle.addLast(connection);
        if (measured(dueNs)) {
            failed(e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage());
        }
    }

    private void failed(String what) {
        failures.merge(what, 1L, Long::sum);
    }

    private boolean measured(long ns) {
        return ns - beginNs >= 0 && ns - endNs < 0;
    }

    private static String shown(String body) {
        String line = body.lines().findFirst().orElse("").strip();
        return line.length() <= ANSWER_SHOWN ? line : line.substring(0, ANSWER_SHOWN) + "…";
    }

    @Override
    public void close() throws IOException {
        clock.ifPresent(ArrivalClock::close);
        connections.forEach(LoadConnection::close);
        selector.close();
    }
}
