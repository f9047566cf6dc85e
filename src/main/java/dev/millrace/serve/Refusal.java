package dev.millrace.serve;

import dev.millrace.job.Failure;
import java.util.OptionalInt;

/** Why a request has no verdict: a status, a kind, and one line for the caller. */
final class Refusal extends Exception {
    private static final long serialVersionUID = 1L;

    private static final int RETRY_SECONDS = 1;

    private final int status;
    private final String kind;

    private Refusal(int status, String kind, String line) {
        super(line, null, false, false);
        this.status = status;
        this.kind = kind;
    }

    /** What was sent is no request, or of a type that is not served. */
    static Refusal malformed(int status, String line) {
        boolean type = status == status(Failure.Kind.UNSUPPORTED_FORMAT);
        return new Refusal(
                status, type ? Failure.Kind.UNSUPPORTED_FORMAT.wireName() : "malformed", line);
    }

    static Refusal of(Failure failure) {
        return new Refusal(status(failure.kind()), failure.kind().wireName(), failure.message());
    }

    static Refusal of(Failure.Kind kind, String line) {
        return new Refusal(status(kind), kind.wireName(), line);
    }

    static Refusal notFound(String path) {
        return new Refusal(
                404,
                "not_found",
                "there is nothing at '%s'; POST an image to /v2/models/TASK/infer, or see /openapi.json"
                        .formatted(path));
    }

    static Refusal method(String allowed) {
        return new Refusal(405, "method", "this path takes %s only".formatted(allowed));
    }

    static Refusal unauthorized() {
        return new Refusal(
                401,
                "unauthorized",
                "the request bears no token, or another one; send it as 'Authorization: Bearer TOKEN'");
    }

    /** A web page of another origin may not ask, or not under this host. */
    static Refusal foreign(String line) {
        return new Refusal(403, "forbidden", line);
    }

    static Refusal busy(String line) {
        return new Refusal(429, "busy", line);
    }

    static Refusal deadline(long millis) {
        return new Refusal(
                504,
                "deadline",
                "there was no verdict within %d ms; ask for more time, or ask another worker"
                        .formatted(millis));
    }

    static Refusal notReady() {
        return new Refusal(
                503,
                "not_ready",
                "the worker is not ready; /v2/health/ready says when it is, and another worker may answer");
    }

    static Refusal draining() {
        return of(Failure.Kind.DRAINING, "the worker is shutting down; another worker will answer");
    }

    /** The status of HTTP for each kind of failure. */
    static int status(Failure.Kind kind) {
        return switch (kind) {
            case UNKNOWN_TASK -> 404;
            case URL_FORBIDDEN -> 400;
            case TOO_LARGE, IMAGE_TOO_LARGE, RESULT_TOO_LARGE -> 413;
            case UNSUPPORTED_FORMAT -> 415;
            case CORRUPT_IMAGE, POISON, PREPROCESS_FAILED -> 422;
            case INFERENCE_FAILED, POSTPROCESS_FAILED, CALLBACK_FAILED -> 500;
            case HTTP_STATUS, FETCH_FAILED -> 502;
            case DRAINING -> 503;
            case FETCH_TIMEOUT, LEASE_LOST -> 504;
        };
    }

    int status() {
        return status;
    }

    String kind() {
        return kind;
    }

    /** Seconds after which the caller may try again, where another try may end otherwise. */
    OptionalInt retryAfter() {
        return status == 429 || status == 503 ? OptionalInt.of(RETRY_SECONDS) : OptionalInt.empty();
    }
}
