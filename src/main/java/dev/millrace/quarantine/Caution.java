package dev.millrace.quarantine;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says whether a worker goes on carefully, since the process before it crashed: each image is tried
 * first and few messages are in flight, so that the next crash costs few of them a receive. This
 * lasts until all that was in flight at the crash has come back, and a minute at least. A crash
 * that comes before a worker has gone on well for as long again doubles the time; one that comes in
 * it, so that trials did not find what it was, is followed by one message in flight until all are
 * back. Time goes by the monotonic clock; how many crashes there were in a row is in a file for the
 * process after this one. Thread-safe; owns the thread {@code caution}, which ends when all is well
 * again.
 */
public final class Caution implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Caution.class);

    private static final Duration SHORTEST = Duration.ofMinutes(1);
    private static final Duration LONGEST = Duration.ofMinutes(30);

    /** Messages in flight, and as long as those come back that were there at a second crash. */
    private static final int FEW = 32;

    private static final int ONE = 1;

    /** Times the visibility timeout, after which they are back. */
    private static final int BACK = 2;

    private static final int MANY = 30;
    private static final Pattern LINE = Pattern.compile("(\\d{1,2}) (careful|over)\\s*");
    private static final long TURN_MS = 250;

    private final Optional<Path> file;
    private final int crashes;
    private final Duration whole;
    private final Duration back;
    private final Duration watched;
    private final ScheduledThreadPoolExecutor clock =
            new ScheduledThreadPoolExecutor(
                    1, Thread.ofPlatform().name("caution").daemon().factory());
    private volatile boolean careful;
    private volatile boolean begun;
    private volatile long untilNs;
    private volatile boolean allBack;

    private Caution(
            Optional<Path> file,
            int crashes,
            Duration whole,
            Duration watched,
            Duration back,
            boolean oneByOne) {
        this.file = file;
        this.crashes = crashes;
        this.whole = whole;
        this.watched = watched;
        this.back = back;
        this.careful = whole.isPositive();
        this.allBack = !oneByOne;
        if (crashes > 0) {
            write();
        }
    }

    /** Of a worker that keeps nothing and so knows of no crash. */
    public static Caution none() {
        return new Caution(Optional.empty(), 0, Duration.ZERO, Duration.ZERO, Duration.ZERO, false);
    }

    /**
     * @param file where the crashes in a row are kept
     * @param end of the process before
     * @param visibility after which the queue shows again what that process had
     */
    public static Caution after(Path file, LastEnd end, Duration visibility) {
        Matcher line = LINE.matcher(read(file));
        boolean known = line.matches();
        int before = known ? Integer.parseInt(line.group(1)) : 0;
        boolean over = known && line.group(2).equals("over");
        int crashes = Math.min(MANY, end == LastEnd.WELL ? before : before + 1);
        Duration back = visibility.multipliedBy(BACK);
        Duration length = length(crashes, back);
        Duration whole =
                switch (end) {
                    // Who ended it well in the middle is taken to have done so at its beginning.
                    case WELL -> over ? Duration.ZERO : length;
                    // By somebody, who need not have had a reason; a second time looks like one.
                    case KILLED -> length(crashes - 1, back);
                    case CRASHED -> length;
                };
        boolean inVain = end == LastEnd.CRASHED && known && !over;
        return new Caution(Optional.of(file), crashes, whole, length, back, inVain);
    }

    /** How long a worker is careful after so many crashes in a row. */
    private static Duration length(int crashes, Duration back) {
        if (crashes == 0) {
            return Duration.ZERO;
        }
        Duration first = back.compareTo(SHORTEST) < 0 ? SHORTEST : back;
        Duration doubled = first.multipliedBy(1L << Math.min(crashes, MANY) - 1);
        return doubled.compareTo(LONGEST) < 0 ? doubled : LONGEST;
    }

    private static String read(Path file) {
        try {
            return Files.exists(file) ? Files.readString(file) : "";
        } catch (IOException e) {
            LOG.warn("{} cannot be read ({})", file, e.toString());
            return "";
        }
    }

    /** The worker polls; what went before, such as loading models, was no work. */
    public void begin() {
        begin(System.nanoTime());
        if (crashes > 0) {
            clock.scheduleWithFixedDelay(
                    () -> look(System.nanoTime()), TURN_MS, TURN_MS, TimeUnit.MILLISECONDS);
        }
    }

    void begin(long nowNs) {
        untilNs = nowNs + whole.toNanos();
        begun = true;
    }

    /** Whether the images of all messages are tried now. */
    public boolean isCareful() {
        return careful;
    }

    /** How many messages may be in flight now. */
    public int inFlight() {
        if (!careful) {
            return Integer.MAX_VALUE;
        }
        return allBack ? FEW : ONE;
    }

    /** For how long the worker is careful yet. */
    public Duration left() {
        if (!careful || !begun) {
            return careful ? whole : Duration.ZERO;
        }
        return Duration.ofNanos(Math.max(0, untilNs - System.nanoTime()));
    }

    /** What the worker says of it when it is ready; empty where it is not careful. */
    public Optional<String> sentence() {
        if (!careful) {
            return Optional.empty();
        }
        return Optional.of(
                "careful for %d s, since a worker before it ended without giving its messages back (%s): each image is first tried in a process of its own, and %s in flight at most"
                        .formatted(
                                left().toSeconds(),
                                crashes == 1 ? "once" : crashes + " times in a row",
                                allBack ? FEW + " messages are" : "at first one message is"));
    }

    /** On the thread {@code caution}. */
    void look(long nowNs) {
        if (nowNs - (untilNs - whole.toNanos()) >= back.toNanos()) {
            allBack = true;
        }
        if (careful && nowNs - untilNs >= 0) {
            careful = false;
            write();
            LOG.info("the worker is careful no longer");
        }
        if (nowNs - untilNs - watched.toNanos() >= 0) {
            clock.shutdown();
            try {
                Files.deleteIfExists(file.orElseThrow());
            } catch (IOException e) {
                warn(e);
            }
        }
    }

    private void write() {
        try {
            Files.writeString(file.orElseThrow(), crashes + (careful ? " careful\n" : " over\n"));
        } catch (IOException e) {
            warn(e);
        }
    }

    private void warn(IOException e) {
        LOG.warn("{} cannot be written ({}); free space there", file.orElseThrow(), e.toString());
    }

    @Override
    public void close() {
        clock.shutdownNow();
    }
}
