package dev.millrace.resource;

import java.time.Duration;

/**
 * The moment at which a bounded wait, perhaps of several steps, is over. By the monotonic clock, so
 * that a wall clock which is set moves no deadline. Immutable.
 *
 * @param atNs by {@link System#nanoTime}
 */
public record Deadline(long atNs) {
    /** A century and a half; readings further apart than twice that cannot be compared. */
    private static final Duration MAX = Duration.ofNanos(Long.MAX_VALUE / 2);

    /** So long from now; a time longer than the clock can count is cut to what it can. */
    public static Deadline in(Duration time) {
        Duration counted = time.compareTo(MAX) < 0 ? time : MAX;
        return new Deadline(System.nanoTime() + counted.toNanos());
    }

    /** How long it is until then; never negative. */
    public long leftNs() {
        return Math.max(0, atNs - System.nanoTime());
    }

    /** {@link #leftNs} as a duration. */
    public Duration left() {
        return Duration.ofNanos(leftNs());
    }

    public boolean passed() {
        return leftNs() == 0;
    }
}
