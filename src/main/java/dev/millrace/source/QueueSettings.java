package dev.millrace.source;

import dev.millrace.resource.RetryDelay;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Consumer;

/**
 * Which queue, and how messages are held. The constructor throws {@link IllegalArgumentException}
 * with one line that names the key, its value and what to do.
 *
 * @param url of the queue
 * @param endpoint where calls go instead of AWS
 * @param region for signing; empty for that of the URL or else of the environment
 * @param visibility how long the queue hides a received message; whole seconds, 1 s to 12 h
 * @param waitTime how long a receive call waits for messages; whole seconds, 0 to 20 s
 * @param receivers polls beside each other at most; empty for as many as the answers of a queue let
 *     the heap have
 * @param deadline since its receipt, after which the lease of a message is not extended any more
 */
public record QueueSettings(
        String url,
        Optional<URI> endpoint,
        Optional<String> region,
        Duration visibility,
        Duration waitTime,
        OptionalInt receivers,
        Duration deadline) {
    /** SQS hides a message for no longer than this from its receipt, extended or not. */
    static final Duration MAX_VISIBILITY = Duration.ofHours(12);

    /** Of calls that fail; with the call that follows, work goes on within 5 s of a recovery. */
    static final RetryDelay RETRY_DELAY =
            new RetryDelay(Duration.ofMillis(100), Duration.ofSeconds(4), 0.5);

    /** Of the heap, for the answers to all polls, should they be as large as SQS lets them be. */
    private static final int SHARE_OF_ANSWERS = 6;

    private static final int MAX_RECEIVERS = 64;

    private static final Duration MAX_WAIT = Duration.ofSeconds(20);

    public QueueSettings {
        Objects.requireNonNull(url, "url");
        Objects.requireNonNull(endpoint, "endpoint");
        Objects.requireNonNull(region, "region");
        if (!isHttp(url)) {
            throw wrong(
                    "url",
                    "'" + url + "'",
                    "is not an absolute http or https URL; copy the queue's URL, such as"
                            + " https://sqs.eu-central-1.amazonaws.com/123456789012/images");
        }
        if (endpoint.isPresent() && !isHttp(endpoint.get().toString())) {
            throw wrong(
                    "endpoint",
                    "'" + endpoint.get() + "'",
                    "is not an absolute http or https URL; write it like http://localhost:9324");
        }
        requireSeconds("visibility", visibility, Duration.ofSeconds(1), MAX_VISIBILITY);
        requireSeconds("wait", waitTime, Duration.ZERO, MAX_WAIT);
        if (receivers.orElse(1) < 1) {
            throw wrong("receivers", receivers.getAsInt(), "is less than 1; use 1 or more");
        }
        if (deadline.compareTo(visibility) < 0) {
            throw wrong(
                    "deadline",
                    text(deadline),
                    "is less than queue.visibility (" + text(visibility) + "); raise it");
        }
        if (deadline.compareTo(MAX_VISIBILITY) > 0) {
            throw wrong("deadline", text(deadline), "is more than 12h, SQS's limit; lower it");
        }
    }

    /** The queue at {@code url} with the defaults. */
    public static QueueSettings of(String url) {
        return of(url, draft -> {});
    }

    /** The queue at {@code url} with the defaults but for what {@code changes} sets. */
    public static QueueSettings of(String url, Consumer<Draft> changes) {
        Draft draft = new Draft();
        changes.accept(draft);
        return new QueueSettings(
                url,
                draft.endpoint,
                draft.region,
                draft.visibility,
                draft.waitTime,
                draft.receivers,
                draft.deadline);
    }

    public QueueSettings withVisibility(Duration time) {
        return new QueueSettings(url, endpoint, region, time, waitTime, receivers, deadline);
    }

    public QueueSettings withReceivers(int most) {
        return new QueueSettings(
                url, endpoint, region, visibility, waitTime, OptionalInt.of(most), deadline);
    }

    /** Whether it keeps messages of a group in order. */
    public boolean isFifo() {
        return url.endsWith(".fifo");
    }

    /**
     * Refuses a FIFO queue, whose order within a group nobody keeps who works on many messages at a
     * time and gives one back for a later try.
     */
    public QueueSettings requireStandard() {
        if (isFifo()) {
            throw wrong(
                    "url",
                    "'" + url + "'",
                    "is a FIFO queue, whose order within a group a worker does not keep; use a"
                            + " standard queue");
        }
        return this;
    }

    /** The same for a queue whose messages have so many bytes at most. */
    public QueueSettings forMessagesOf(long maxBytes) {
        return receivers.isPresent()
                ? this
                : withReceivers(receiversIn(Runtime.getRuntime().maxMemory(), maxBytes));
    }

    /** How many polls there may be at a time. */
    int polls() {
        return forMessagesOf(RequestParser.MAX_BODY_BYTES).receivers.getAsInt();
    }

    /** The same, as long as nobody knows the queue. */
    int mostPolls() {
        return receivers.orElse(MAX_RECEIVERS);
    }

    /**
     * Settings while they are put together: each is set by its name and has its default until then.
     */
    public static final class Draft {
        public Optional<URI> endpoint = Optional.empty();
        public Optional<String> region = Optional.empty();
        public Duration visibility = Duration.ofSeconds(60);
        public Duration waitTime = Duration.ofSeconds(1);
        public OptionalInt receivers = OptionalInt.empty();
        public Duration deadline = Duration.ofMinutes(5);

        private Draft() {}
    }

    /**
     * How many polls there may be at a time with such a heap, at least those of a quiet queue.
     *
     * @param maxBytes of a message
     */
    static int receiversIn(long heap, long maxBytes) {
        return Math.clamp(
                heap / SHARE_OF_ANSWERS / (ReceiveCall.SIZE * maxBytes),
                SqsSource.AT_REST,
                MAX_RECEIVERS);
    }

    int visibilitySeconds() {
        return (int) visibility.toSeconds();
    }

    private static void requireSeconds(String key, Duration value, Duration least, Duration most) {
        if (value.compareTo(least) < 0 || value.compareTo(most) > 0 || value.getNano() != 0) {
            throw wrong(
                    key,
                    text(value),
                    "is not a whole number of seconds from %s to %s; choose one in between"
                            .formatted(text(least), text(most)));
        }
    }

    private static boolean isHttp(String url) {
        try {
            URI uri = new URI(url);
            return ("http".equalsIgnoreCase(uri.getScheme())
                            || "https".equalsIgnoreCase(uri.getScheme()))
                    && uri.getHost() != null
                    // A password in a URL reaches every line that names the queue.
                    && uri.getUserInfo() == null;
        } catch (URISyntaxException e) {
            return false;
        }
    }

    private static String text(Duration duration) {
        return duration.isZero() ? "0s" : duration.toString().substring(2).toLowerCase(Locale.ROOT);
    }

    private static IllegalArgumentException wrong(String key, Object value, String remedy) {
        return new IllegalArgumentException("queue." + key + ": " + value + " " + remedy);
    }
}
