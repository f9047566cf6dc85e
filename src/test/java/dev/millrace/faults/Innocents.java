package dev.millrace.faults;

import dev.millrace.testing.RawCaller;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;

/**
 * A caller that keeps to the rules while others do not: one photo after the other, each by a
 * connection of its own. Runs in a thread of its own until it is closed.
 */
final class Innocents implements AutoCloseable {
    private static final int PAUSE_MS = 30;

    private final int port;
    private final byte[] photo;
    private final List<Double> millis = Collections.synchronizedList(new ArrayList<>());
    private final List<String> refused = Collections.synchronizedList(new ArrayList<>());
    private final SplittableRandom random = new SplittableRandom(32);
    private final Thread thread;
    private volatile boolean closed;

    Innocents(int port, byte[] photo) {
        this.port = port;
        this.photo = photo;
        this.thread = Thread.ofVirtual().start(this::run);
    }

    private void run() {
        while (!closed) {
            long startNs = System.nanoTime();
            try (RawCaller caller = new RawCaller(port)) {
                caller.send(
                        "POST /v2/models/safety/infer HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
                                + "Content-Type: image/jpeg\r\nContent-Length: "
                                + photo.length
                                + "\r\n\r\n");
                RawCaller.Answer answer = caller.send(photo).answer();
                if (answer.status() != 200) {
                    refused.add(answer.status() + " " + answer.text());
                }
                millis.add((System.nanoTime() - startNs) / 1e6);
                Thread.sleep(random.nextInt(PAUSE_MS));
            } catch (IOException e) {
                refused.add(e.toString());
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    int count() {
        return millis.size();
    }

    /** Requests that were not answered with a verdict. */
    List<String> refused() {
        return List.copyOf(refused);
    }

    /** The time within which this part of the requests was answered, in milliseconds. */
    double within(double part) {
        List<Double> sorted = new ArrayList<>(millis);
        Collections.sort(sorted);
        return sorted.get((int) Math.min(sorted.size() - 1, part * sorted.size()));
    }

    @Override
    public void close() {
        closed = true;
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
