package dev.millrace.fetch;

import java.io.InterruptedIOException;
import java.time.Duration;

/**
 * How fast a body must come: a host that drips holds its permit for a while and not for as long as
 * a whole download may take.
 */
final class MinBodyRate {
    /** In which a body may come as slowly as it likes. */
    static final Duration GRACE = Duration.ofSeconds(2);

    private final double bytesPerNano;
    private final long startNs;

    MinBodyRate(int bytesPerSecond, long nowNs) {
        this.bytesPerNano = bytesPerSecond / 1e9;
        this.startNs = nowNs;
    }

    /**
     * @param bytes that have come so far
     * @throws InterruptedIOException where those are too few by now
     */
    void check(long bytes, long nowNs) throws InterruptedIOException {
        long elapsedNs = nowNs - startNs;
        if (elapsedNs > GRACE.toNanos() && bytes < elapsedNs * bytesPerNano) {
            throw new InterruptedIOException("the body came too slowly");
        }
    }
}
