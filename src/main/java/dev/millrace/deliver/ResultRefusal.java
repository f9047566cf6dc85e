package dev.millrace.deliver;

import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import okhttp3.Response;

/** A destination's answer that it does not take a result. */
final class ResultRefusal extends IOException {
    private static final long serialVersionUID = 1L;
    private static final int REQUEST_TIMEOUT = 408;
    private static final int TOO_MANY_REQUESTS = 429;

    private final String word;
    private final boolean understood;
    private final boolean passing;
    private final transient Optional<Duration> retryAfter;

    /**
     * @param understood whether the destination is up and means this result
     * @param passing whether another attempt within a second may be taken
     */
    ResultRefusal(String message, boolean understood, boolean passing) {
        this("refused", message, understood, passing, Optional.empty());
    }

    private ResultRefusal(
            String word,
            String message,
            boolean understood,
            boolean passing,
            Optional<Duration> retryAfter) {
        super(message);
        this.word = word;
        this.understood = understood;
        this.passing = passing;
        this.retryAfter = retryAfter;
    }

    /** An answer of a callback host that is not 2xx. */
    static ResultRefusal of(Response response) {
        int status = response.code();
        boolean understood = status >= 400 && status < 500;
        return new ResultRefusal(
                Integer.toString(status),
                "status " + status + " from " + response.request().url().host(),
                understood,
                !understood || status == REQUEST_TIMEOUT || status == TOO_MANY_REQUESTS,
                retryAfter(response));
    }

    /** Seconds only; a date would need clocks that agree. */
    private static Optional<Duration> retryAfter(Response response) {
        String header = response.header("Retry-After", "");
        return header.matches("\\d{1,6}")
                ? Optional.of(Duration.ofSeconds(Long.parseLong(header)))
                : Optional.empty();
    }

    /** The status of a callback host, or that it was another destination. */
    String word() {
        return word;
    }

    /** Whether the destination is up and means what it says: a 4xx, or a time to come again. */
    boolean isDeliberate() {
        return understood || retryAfter.isPresent();
    }

    /** Whether another attempt within a second may be taken. */
    boolean worthAnotherAttempt() {
        return passing && retryAfter.isEmpty();
    }

    /** How long the host asks to be left alone. */
    Optional<Duration> retryAfter() {
        return retryAfter;
    }
}
