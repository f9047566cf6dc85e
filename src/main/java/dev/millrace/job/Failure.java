package dev.millrace.job;

import java.util.Locale;
import java.util.Objects;

/**
 * Why a message or one of its tasks has no verdict.
 *
 * @param message one line for the person who sent the message: what, where, what to do
 */
public record Failure(Kind kind, Stage stage, String message) {
    public Failure {
        Objects.requireNonNull(kind, "kind");
        Objects.requireNonNull(stage, "stage");
        Objects.requireNonNull(message, "message");
    }

    /** The closed list of error kinds; {@code docs/contract.md} explains each to users. */
    public enum Kind {
        /** No model serves the task. */
        UNKNOWN_TASK(false),
        /** The URL is malformed or leads to an address that is not allowed. */
        URL_FORBIDDEN(false),
        /** The image host answered with a status that will not change, such as 404. */
        HTTP_STATUS(false),
        /** The image host cannot be reached, answered 5xx, or broke off. */
        FETCH_FAILED(true),
        /** The download did not end in time. */
        FETCH_TIMEOUT(true),
        /** The body is larger than {@code fetch.maxBytes}, or a message's are together. */
        TOO_LARGE(false),
        /** The body is not an image, or of a format that is not read. */
        UNSUPPORTED_FORMAT(false),
        /** The image declares more pixels, scans or frames than are allowed. */
        IMAGE_TOO_LARGE(false),
        /** The image breaks its format's rules or cannot be decoded. */
        CORRUPT_IMAGE(false),
        /** The module's {@code preprocess} threw. */
        PREPROCESS_FAILED(false),
        /** The image crashes native code, or stops it. */
        POISON(false),
        /** The device refused or failed the batch. */
        INFERENCE_FAILED(true),
        /** The module's {@code postprocess} threw. */
        POSTPROCESS_FAILED(false),
        /** The result has more bytes than its destination takes. */
        RESULT_TOO_LARGE(false),
        /** The destination of the result cannot be reached, or did not take it. */
        CALLBACK_FAILED(true),
        /**
         * The queue may have given the message to another worker; nothing is said for it any more.
         */
        LEASE_LOST(true),
        /** The worker is shutting down and gave the message back. */
        DRAINING(true);

        private final boolean retryable;

        Kind(boolean retryable) {
            this.retryable = retryable;
        }

        /** Whether another attempt may end otherwise. */
        public boolean retryable() {
            return retryable;
        }

        /** The name in results, metrics and logs. */
        public String wireName() {
            return name().toLowerCase(Locale.ROOT);
        }
    }
}
