package dev.millrace.net;

import java.io.IOException;
import java.util.stream.Stream;

/** A connection was refused by the {@link AddressRules} before a packet was sent. */
public final class ForbiddenAddressException extends IOException {
    private static final long serialVersionUID = 1L;

    ForbiddenAddressException(String message) {
        super(message);
    }

    /** Whether one is the reason for {@code thrown}, which the HTTP client may have wrapped. */
    public static boolean isIn(Throwable thrown) {
        return thrown != null
                && (thrown instanceof ForbiddenAddressException
                        || isIn(thrown.getCause())
                        || Stream.of(thrown.getSuppressed())
                                .anyMatch(ForbiddenAddressException::isIn));
    }
}
