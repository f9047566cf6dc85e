package dev.millrace.faults;

import dev.millrace.testing.Loopback;
import dev.millrace.testing.TestQueue;
import java.io.IOException;

/** What surrounds a worker in most rows: a queue, its faulty front, photos and the books. */
final class FaultBench implements AutoCloseable {
    final TestQueue queue;
    final FaultyQueue faulty;
    final Loopback images = new Loopback();
    final Ledger ledger = new Ledger();

    /**
     * @param maxReceives after which a message is dead
     */
    FaultBench(long seed, int maxReceives) throws IOException {
        queue = new TestQueue(maxReceives);
        faulty = new FaultyQueue(queue.endpoint(), seed);
    }

    FaultSettings settings() {
        return FaultSettings.of(faulty.url());
    }

    String photo() {
        return images.photo("mpu-300x250-city-night.jpg");
    }

    /** Sends messages that all ask for the same small photo. */
    void send(int count) {
        send("m", count);
    }

    void send(String prefix, int count) {
        String photo = photo();
        ledger.send(queue, prefix, count, i -> photo);
    }

    /** The counts, at any time. */
    String state() {
        return ledger.state(queue);
    }

    /** The counts and what is lost, at the end of a run. */
    String line() {
        return ledger.line(queue);
    }

    @Override
    public void close() {
        faulty.close();
        images.close();
        ledger.close();
        queue.close();
    }
}
