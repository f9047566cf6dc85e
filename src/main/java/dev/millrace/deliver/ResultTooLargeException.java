package dev.millrace.deliver;

import java.io.IOException;

/** A result has more bytes than its destination ever takes. */
final class ResultTooLargeException extends IOException {
    private static final long serialVersionUID = 1L;

    private final int limit;

    /**
     * @param name of the destination
     * @param bytes of the result
     * @param limit of bytes that the destination takes
     */
    ResultTooLargeException(String name, int bytes, int limit) {
        super(
                "the result has %,d bytes, and %s takes at most %,d; ask for fewer tasks, send less metadata, or let results go to a callback or to S3"
                        .formatted(bytes, name, limit));
        this.limit = limit;
    }

    int limit() {
        return limit;
    }
}
