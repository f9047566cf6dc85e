package dev.millrace.resource;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

/**
 * How long to wait before something that failed is tried again: twice as long after each failure in
 * a row, up to a bound, less a part by chance, so that those that failed together do not come back
 * together.
 *
 * @param first the longest pause after one failure
 * @param max the longest pause after any number
 * @param chance which part of a pause is by chance, from 0 to 1
 */
public record RetryDelay(Duration first, Duration max, double chance) {
    private static final int MAX_DOUBLINGS = 16;

    /** The pause after so many failures in a row. */
    public Duration after(int failures) {
        int doublings = Math.clamp(failures - 1, 0, MAX_DOUBLINGS);
        long whole = Math.min(max.toNanos(), first.toNanos() << doublings);
        return Duration.ofNanos(
                whole - Math.round(whole * chance * ThreadLocalRandom.current().nextDouble()));
    }
}
