package dev.millrace.source;

import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;

/**
 * Warnings of one kind, at most one line in 5 s: an outage fails every call, and a log that grows
 * with it helps nobody. All kinds together stay under a line a second. Thread-safe.
 */
final class LimitedLog {
    private static final long INTERVAL_NS = TimeUnit.SECONDS.toNanos(5);

    private final Logger log;
    private boolean hasSpoken;
    private long spokeNs;
    private long unsaid;

    LimitedLog(Logger log) {
        this.log = log;
    }

    void warn(String line) {
        warn(line, System.nanoTime());
    }

    synchronized void warn(String line, long nowNs) {
        if (hasSpoken && nowNs - spokeNs < INTERVAL_NS) {
            unsaid++;
            return;
        }
        log.warn(unsaid == 0 ? line : line + " (and " + unsaid + " more since the last line)");
        hasSpoken = true;
        spokeNs = nowNs;
        unsaid = 0;
    }

    /** The first line of what an exception says. */
    static String reason(Throwable failure) {
        String message = String.valueOf(failure.getMessage());
        return failure.getClass().getSimpleName()
                + ": "
                + message.lines().findFirst().orElse("no reason given");
    }
}
