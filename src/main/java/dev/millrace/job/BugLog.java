package dev.millrace.job;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.event.Level;

/**
 * Lines about exceptions that are a defect of code, a module's or our own, which each image may
 * meet: the stack trace once for each place that throws, then a line a minute at most that says how
 * often it was. Thread-safe.
 */
public final class BugLog {
    private static final long INTERVAL_NS = TimeUnit.MINUTES.toNanos(1);

    /** Those beyond are one place, and show no trace. */
    private static final int MAX_PLACES = 64;

    private final Logger log;
    private final Level level;
    private final Map<String, Place> places = new HashMap<>();

    private static final class Place {
        private long saidNs;
        private int since;

        Place(long nowNs) {
            saidNs = nowNs;
        }
    }

    public BugLog(Logger log, Level level) {
        this.log = log;
        this.level = level;
    }

    /**
     * Says it, or counts it for the next line.
     *
     * @param what failed, such as {@code postprocess of model 'safety'}
     * @param of the message's id
     */
    public void say(String what, String of, Throwable bug) {
        say(what, of, bug, System.nanoTime());
    }

    void say(String what, String of, Throwable bug, long nowNs) {
        String reason = LimitedLog.reason(bug);
        String key = what + " " + place(bug);
        int count;
        long seconds;
        synchronized (this) {
            Place known = places.get(key);
            if (known == null && places.size() < MAX_PLACES) {
                places.put(key, new Place(nowNs));
                count = 0;
                seconds = 0;
            } else {
                Place place =
                        known != null
                                ? known
                                : places.computeIfAbsent("", _ -> new Place(nowNs - INTERVAL_NS));
                place.since++;
                if (nowNs - place.saidNs < INTERVAL_NS) {
                    return;
                }
                count = place.since;
                seconds = TimeUnit.NANOSECONDS.toSeconds(nowNs - place.saidNs);
                place.since = 0;
                place.saidNs = nowNs;
            }
        }
        if (count == 0) {
            traced("%s failed for %s: %s".formatted(what, of, reason), bug);
        } else {
            log.atLevel(level)
                    .log(
                            "{} failed {} {} in the last {} s with the same error, last for {}: {}",
                            what,
                            count,
                            count == 1 ? "time" : "times",
                            seconds,
                            of,
                            reason);
        }
    }

    /** The logger asks the exception for its text, too. */
    private void traced(String line, Throwable bug) {
        try {
            log.atLevel(level).setCause(bug).log(line);
        } catch (RuntimeException | StackOverflowError e) {
            log.atLevel(level).log(line);
        }
    }

    /** Its class and the frame that threw it. */
    private static String place(Throwable bug) {
        String type = bug.getClass().getName();
        try {
            StackTraceElement[] frames = bug.getStackTrace();
            return frames.length == 0 ? type : type + " " + frames[0];
        } catch (RuntimeException | StackOverflowError e) {
            return type;
        }
    }
}
