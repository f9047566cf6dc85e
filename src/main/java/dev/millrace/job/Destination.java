package dev.millrace.job;

import static java.util.Objects.requireNonNull;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import okhttp3.HttpUrl;

/**
 * Where the result of a message goes. It was checked and allowed when the message was read, or the
 * operator's configuration names it.
 */
public sealed interface Destination {
    /** Of a queue's URL. */
    int MAX_CHARS = 2048;

    /** So that a key has room for the message's id. */
    int MAX_PREFIX = 800;

    Pattern TOPIC =
            Pattern.compile("arn:aws[a-z-]*:sns:([a-z0-9-]+):\\d+:[A-Za-z0-9_-]{1,256}(\\.fifo)?");

    Pattern OBJECTS = Pattern.compile("s3://([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:/(\\P{Cntrl}*))?");

    /** Whom a line of the log, a metric or a dead letter names, without what may be secret. */
    String name();

    /** What is up or down as a whole: destinations with the same peer share its faults. */
    default String peer() {
        return name();
    }

    /** UTF-16 units of heap that its texts take at most. */
    long chars();

    /**
     * A queue by its URL, as a configuration or a message writes it.
     *
     * @throws IllegalArgumentException with one line
     */
    static Queue queue(String url) {
        HttpUrl parsed = url.length() <= MAX_CHARS ? HttpUrl.parse(url) : null;
        if (parsed == null
                || parsed.pathSegments().getLast().isEmpty()
                || parsed.query() != null
                || !parsed.username().isEmpty()) {
            throw wrong(
                    url,
                    "the URL of a queue",
                    "https://sqs.eu-central-1.amazonaws.com/123456789012/results");
        }
        return new Queue(url);
    }

    /** A topic by its ARN; throws as {@link #queue} does. */
    static Topic topic(String arn) {
        if (!TOPIC.matcher(arn).matches()) {
            throw wrong(arn, "the ARN of a topic", "arn:aws:sns:eu-central-1:123456789012:results");
        }
        return new Topic(arn);
    }

    /** Objects by the URL of their prefix, which is verbatim; throws as {@link #queue} does. */
    static Objects objects(String url) {
        Matcher matcher = OBJECTS.matcher(url);
        if (url.length() > MAX_PREFIX || !matcher.matches()) {
            throw wrong(url, "a prefix in a bucket", "s3://my-results/verdicts/");
        }
        String prefix = matcher.group(2) == null ? "" : matcher.group(2);
        for (String segment : prefix.split("/", -1)) {
            if (segment.equals(".") || segment.equals("..")) {
                throw wrong(url, "a prefix without '.' and '..'", "s3://my-results/verdicts/");
            }
        }
        return new Objects(matcher.group(1), prefix);
    }

    private static IllegalArgumentException wrong(String value, String what, String example) {
        return new IllegalArgumentException(
                "'%s' is not %s; write it like %s"
                        .formatted(LimitedLog.plain(value), what, example));
    }

    /** An HTTP callback. */
    record Callback(HttpUrl url) implements Destination {
        /** Of a string of a few characters, in UTF-16 units. */
        private static final int STRING_CHARS = 32;

        public Callback {
            requireNonNull(url, "url");
        }

        @Override
        public String name() {
            return url.host();
        }

        @Override
        public String peer() {
            return url.host() + ":" + url.port();
        }

        @Override
        public long chars() {
            // Whole, and in its parts.
            int parts = url.pathSize() + 2 * url.querySize();
            return 2L * url.toString().length() + STRING_CHARS * parts;
        }
    }

    /** An SQS queue, by its URL. */
    record Queue(String url) implements Destination {
        public Queue {
            requireNonNull(url, "url");
        }

        @Override
        public String name() {
            return url;
        }

        @Override
        public long chars() {
            return url.length();
        }
    }

    /** An SNS topic, by its ARN. */
    record Topic(String arn) implements Destination {
        /** Which the ARN names. */
        public String region() {
            return arn.split(":")[3];
        }

        public Topic {
            requireNonNull(arn, "arn");
        }

        @Override
        public String name() {
            return arn;
        }

        @Override
        public long chars() {
            return arn.length();
        }
    }

    /**
     * Objects of S3, one for each message: {@code <prefix><message id>.json}.
     *
     * @param prefix of the keys, verbatim; empty, or mostly with a slash at its end
     */
    record Objects(String bucket, String prefix) implements Destination {
        /** Of the object with the result of a message. */
        public String key(String messageId) {
            return prefix + messageId + ".json";
        }

        /** Whether the other is in the same bucket and below this prefix. */
        public boolean holds(Objects other) {
            return bucket.equals(other.bucket) && other.prefix.startsWith(prefix);
        }

        @Override
        public String name() {
            return "s3://" + bucket + "/" + prefix;
        }

        @Override
        public String peer() {
            return "s3://" + bucket;
        }

        @Override
        public long chars() {
            return bucket.length() + prefix.length();
        }
    }

    /** Whoever called the worker and waits for the answer to the same request. */
    record Caller() implements Destination {
        @Override
        public String name() {
            return "the caller";
        }

        @Override
        public long chars() {
            return 0;
        }
    }

    /** The worker's standard output, one line for each result. */
    record Output() implements Destination {
        @Override
        public String name() {
            return "standard output";
        }

        @Override
        public long chars() {
            return 0;
        }
    }
}
