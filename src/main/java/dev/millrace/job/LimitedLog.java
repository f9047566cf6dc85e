package dev.millrace.job;

import dev.millrace.resource.SafeText;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;

/**
 * Warnings of one kind, at most one line in 5 s: an outage fails every call, and a log that grows
 * with it helps nobody. All kinds together stay under a line a second. Thread-safe.
 */
public final class LimitedLog {
    private static final long INTERVAL_NS = TimeUnit.SECONDS.toNanos(5);

    private static final int MAX_REASON = 300;

    private final Logger log;
    private boolean hasSpoken;
    private long spokeNs;
    private long unsaid;
    private String latest;

    public LimitedLog(Logger log) {
        this.log = log;
    }

    public void warn(String line) {
        warn(line, System.nanoTime(), true);
    }

    /** Says a line where it may, or counts it for the next one; says whether it was said. */
    synchronized boolean warn(String line, long nowNs, boolean allowed) {
        if (!allowed || hasSpoken && nowNs - spokeNs < INTERVAL_NS) {
            unsaid++;
            latest = line;
            return false;
        }
        log.warn(unsaid == 0 ? line : line + " (and " + unsaid + " more since the last line)");
        hasSpoken = true;
        spokeNs = nowNs;
        unsaid = 0;
        return true;
    }

    /**
     * Says the latest line that was left out, with the number of the others, once it may: nobody
     * else would say so after the last of them. For whoever passes by now and then.
     */
    public void flush() {
        flush(System.nanoTime());
    }

    synchronized void flush(long nowNs) {
        if (unsaid > 0 && nowNs - spokeNs >= INTERVAL_NS) {
            unsaid--;
            warn(latest, nowNs, true);
        }
    }

    /** The class of an exception and the first line of what it says; never throws itself. */
    public static String reason(Throwable failure) {
        return failure.getClass().getSimpleName() + ": " + plain(message(failure));
    }

    private static String message(Throwable failure) {
        try {
            return String.valueOf(failure.getMessage());
        } catch (RuntimeException | StackOverflowError e) {
            // Whoever wrote the exception, a module's author among others, wrote this as well.
            return "its message cannot be read";
        }
    }

    /** The first line, short, and of characters that may be in a log line and in a result. */
    public static String plain(String text) {
        String line = SafeText.withoutSecrets(text).lines().findFirst().orElse("no reason given");
        StringBuilder plain = new StringBuilder();
        line.codePoints()
                .limit(MAX_REASON)
                .map(c -> SafeText.isUnsafe(c) ? '?' : c)
                .forEach(plain::appendCodePoint);
        return plain.length() < line.length() ? plain + "…" : plain.toString();
    }
}
