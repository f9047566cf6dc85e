package dev.millrace.trace;

import java.time.Instant;
import java.util.concurrent.TimeUnit;

/**
 * Times of {@link System#nanoTime} as times since 1970, all by one look at both clocks, so that a
 * wall clock that is set moves all spans of a message together.
 */
record EpochClock(long nanos, long epochNs) {
    static EpochClock now() {
        Instant now = Instant.now();
        return new EpochClock(
                System.nanoTime(), TimeUnit.SECONDS.toNanos(now.getEpochSecond()) + now.getNano());
    }

    long epochNs(long atNs) {
        return epochNs + (atNs - nanos);
    }
}
