package dev.millrace.config;

import java.time.Duration;
import java.util.Locale;

/**
 * What a worker is tuned for. The code is the same; these are the parameters that differ, and a key
 * of the configuration goes before each of them that has one.
 */
public enum WorkerProfile {
    /** Full batches, and threads that sleep while they wait. */
    THROUGHPUT(2, Duration.ofMillis(5), Duration.ofMillis(20), false),
    /**
     * An image goes on at once. One lane, since two let an image wait behind a batch that holds one
     * image, where with one it joins all that wait for the device.
     */
    LATENCY(1, Duration.ZERO, Duration.ZERO, true);

    /** Two threads per model spin; with fewer cores, decoding would wait for them. */
    private static final int CORES_TO_SPIN = 8;

    /** Covers most waits for a decode or for a small batch. */
    private static final Duration SPIN = Duration.ofMillis(2);

    private final int lanes;
    private final Duration linger;
    private final Duration patience;
    private final boolean spins;

    WorkerProfile(int lanes, Duration linger, Duration patience, boolean spins) {
        this.lanes = lanes;
        this.linger = linger;
        this.patience = patience;
        this.spins = spins;
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

    /**
     * How long a receiver waits for more permits than one, or for more messages than a few.
     *
     * @param crowded whether images wait for the cores anyway, which calls for single messages
     *     would keep from them
     */
    public Duration patience(boolean crowded) {
        return crowded ? THROUGHPUT.patience : patience;
    }

    /**
     * How long the infer and deliver threads look for work before they sleep.
     *
     * @param cores of this machine
     */
    public Duration spin(int cores) {
        return spins && cores >= CORES_TO_SPIN ? SPIN : Duration.ZERO;
    }

    /** Whether the driver of a GPU spins while it waits. */
    public boolean gpuSpins() {
        return spins;
    }
}
