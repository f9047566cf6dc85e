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
 * Says whether a worker goes on carefully, since the process before it crashed: for a minute each
 * image is tried first and few messages are in flight, so that the next crash costs few of them a
 * receive. Each crash that comes before a worker has gone on well for as long again doubles the
 * minute and halves the few. Time goes by the monotonic clock; how many crashes there were in a row
 * is in a file for the process after this one. Thread-safe; owns the thread {@code caution}, which
 * ends when all is well again.
 */
public final class Caution implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Caution.class);

    static final Duration FIRST = Duration.ofMinutes(1);
    static final Duration LONGEST = Duration.ofMinutes(30);

    /** Messages in flight after the first crash, and after many. */
    static final int FEW = 32;

    static final int FEWEST = 4;

    private static final int MANY = 30;
    private static final Pattern LINE = Pattern.compile("(\\d{1,2}) (careful|over)\\s*");
    private static final long TURN_MS = 250;

    private final Optional<Path> file;
    private final int crashes;
    private final Duration whole;
    private final ScheduledThreadPoolExecutor clock =
            new ScheduledThreadPoolExecutor(
                    1, Thread.ofPlatform().name("caution").daemon().factory());
    private volatile boolean careful;
    private volatile boolean begun;
    private volatile long untilNs;

    private Caution(Optional<Path> file, int crashes, Duration whole) {
        this.file = file;
        this.crashes = crashes;
        this.whole = whole;
        this.careful = whole.isPositive();
        if (crashes > 0) {
            write();
        }
    }

    /** Of a worker that keeps nothing and so knows of no crash. */
    public static Caution none() {
        return new Caution(Optional.empty(), 0, Duration.ZERO);
    }

    /**
     * @param file where the crashes in a row are kept
     * @param end of the process before
     */
    public static Caution after(Path file, LastEnd end) {
        Matcher line = LINE.matcher(read(file));
        boolean known = line.matches();
        int before = known ? Integer.parseInt(line.group(1)) : 0;
        boolean over = known && line.group(2).equals("over");
        int crashes = Math.min(MANY, end == LastEnd.WELL ? before : before + 1);
        Duration whole =
                switch (end) {
                    // Who ended it well in the middle is taken to have done so at its beginning.
                    case WELL -> over ? Duration.ZERO : length(crashes);
                    // By somebody, who need not have had a reason; a second time looks like one.
                    case KILLED -> length(crashes - 1);
                    case CRASHED -> length(crashes);
                };
        return new Caution(Optional.of(file), crashes, whole);
    }

    /** How long a worker is careful after so many crashes in a row. */
    static Duration length(int crashes) {
        if (crashes == 0) {
            return Duration.ZERO;
        }
        Duration doubled = FIRST.multipliedBy(1L << Math.min(crashes, MANY) - 1);
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
        return careful ? Math.max(FEWEST, FEW >> crashes - 1) : Integer.MAX_VALUE;
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
                "careful for %d s, since the worker before this one ended without giving its messages back (%s): each image is first tried in a process of its own, and %d messages are in flight at most"
                        .formatted(
                                left().toSeconds(),
                                crashes == 1 ? "once" : crashes + " times in a row",
                                inFlight()));
    }

    /** On the thread {@code caution}. */
    void look(long nowNs) {
        if (careful && nowNs - untilNs >= 0) {
            careful = false;
            write();
            LOG.info("the worker is careful no longer");
        }
        if (nowNs - untilNs - length(crashes).toNanos() >= 0) {
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
