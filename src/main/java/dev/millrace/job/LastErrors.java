package dev.millrace.job;

import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The last error of each kind, for whoever asks what goes wrong. There is one entry for each kind,
 * and kinds are named by the worker alone, so that no sender makes it larger. Thread-safe.
 */
public final class LastErrors {
    /** A message whose body is no request. */
    public static final String MALFORMED = "malformed";

    /** A poll of the queue that failed. */
    public static final String RECEIVE = "receive_errors";

    /** A call that told the queue of messages and failed. */
    public static final String ACKNOWLEDGE = "acknowledge_errors";

    private static final int MAX_LINE = 1000;
    private static final int MAX_WHERE = 2048;

    private final Map<String, Last> byKind = new ConcurrentHashMap<>();

    /**
     * An error as it was noted: what strangers wrote in it is still there.
     *
     * @param atNs when, by {@link System#nanoTime}
     * @param where a host, or the URL that names it with all that is secret in it; may be empty
     * @param line what was said of it
     */
    public record Last(long atNs, String where, String line) {}

    /** Notes an error of a kind of its own. */
    void note(Failure.Kind kind, String where, String line) {
        note(kind.wireName(), where, line);
    }

    /**
     * Takes the place of the one before.
     *
     * @param kind a constant of this class
     */
    public void note(String kind, String where, String line) {
        byKind.put(kind, new Last(System.nanoTime(), cut(where, MAX_WHERE), cut(line, MAX_LINE)));
    }

    /** Whoever notes an error must not fail for it. */
    private static String cut(String given, int most) {
        String text = Objects.toString(given, "");
        return text.length() <= most ? text : text.substring(0, most);
    }

    /** Empty where there was none. */
    public Optional<Last> of(String kind) {
        return Optional.ofNullable(byKind.get(kind));
    }
}
