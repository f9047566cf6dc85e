package dev.millrace.net;

import java.io.IOException;

/** A connection was refused by the {@link AddressRules} before a packet was sent. */
public final class ForbiddenAddressException extends IOException {
    private static final long serialVersionUID = 1L;

    ForbiddenAddressException(String message) {
        super(message);
    }

    /** Whether one is the reason for {@code thrown}, which the HTTP client may have wrapped. */
    public static boolean isIn(Throwable thrown) {
        for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
            if (cause instanceof ForbiddenAddressException) {
                return true;
            }
            for (Throwable suppressed : cause.getSuppressed()) {
                if (isIn(suppressed)) {
                    return true;
                }
            }
        }
        return false;
    }
}
