package dev.millrace.job;

import static java.util.Objects.requireNonNull;

import okhttp3.HttpUrl;

/**
 * Where the result of a message goes. It was checked and allowed when the message was read, or the
 * operator's configuration names it.
 */
public sealed interface Destination {
    /** Whom a line of the log, a metric or a dead letter names, without what may be secret. */
    String name();

    /** What is up or down as a whole: destinations with the same peer share its faults. */
    String peer();

    /** UTF-16 units of heap that its texts take at most. */
    long chars();

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
        public String peer() {
            return url;
        }

        @Override
        public long chars() {
            return url.length();
        }
    }

    /** An SNS topic, by its ARN. */
    record Topic(String arn) implements Destination {
        public Topic {
            requireNonNull(arn, "arn");
        }

        @Override
        public String name() {
            return arn;
        }

        @Override
        public String peer() {
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

    /** The worker's standard output, one line for each result. */
    record Output() implements Destination {
        @Override
        public String name() {
            return "standard output";
        }

        @Override
        public String peer() {
            return name();
        }

        @Override
        public long chars() {
            return 0;
        }
    }
}
