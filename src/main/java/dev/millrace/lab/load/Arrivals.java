package dev.millrace.lab.load;

import java.util.Random;

/** When requests are sent. */
public sealed interface Arrivals {
    /** Connections that are kept open, and requests that are on their way at most. */
    int connections();

    /** Each connection sends its next request when it has the answer of the one before. */
    record Closed(int connections) implements Arrivals {}

    /**
     * Requests come by chance, so many a second in the mean, and wait for nobody: one that finds no
     * connection free has begun all the same.
     *
     * @param random draws the times between them
     */
    record Poisson(int connections, double perSecond, Random random) implements Arrivals {
        long nextGapNs() {
            // 1 less, since it may be 0 and never 1.
            return Math.round(-Math.log(1 - random.nextDouble()) / perSecond * 1e9);
        }
    }
}
