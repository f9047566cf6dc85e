package dev.millrace.worker;

import java.time.Duration;
import java.util.Locale;

/**
 * What a worker is tuned for. The code is the same; these are the parameters that differ, and a key
 * of the configuration goes before each of them that has one.
 */
public enum Profile {
    /** Full batches, and threads that sleep while they wait. */
    THROUGHPUT(2, Duration.ofMillis(5), Duration.ofMillis(20), Duration.ZERO),
    /**
     * An image goes on at once. One lane, since two let an image wait behind a batch that holds one
     * image, where with one it joins all that wait for the device.
     */
    LATENCY(1, Duration.ZERO, Duration.ZERO, Duration.ofNanos(50_000));

    private final int lanes;
    private final Duration linger;
    private final Duration patience;
    private final Duration spin;

    Profile(int lanes, Duration linger, Duration patience, Duration spin) {
        this.lanes = lanes;
        this.linger = linger;
        this.patience = patience;
        this.spin = spin;
    }

    /** The name in configurations and on the command line. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Batches in flight per model. */
    public int lanes() {
        return lanes;
    }

    /** How long the oldest image waits for a fuller batch while the device is busy. */
    public Duration linger() {
        return linger;
    }

    /** How long a receiver waits for more permits than one. */
    Duration patience() {
        return patience;
    }

    /** How long the threads behind the device look for work before they sleep. */
    Duration spin() {
        return spin;
    }

    /** Whether the driver of a GPU spins while it waits. */
    boolean gpuSpins() {
        return spin.isPositive();
    }
}
