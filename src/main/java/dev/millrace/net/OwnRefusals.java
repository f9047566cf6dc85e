package dev.millrace.net;

import java.util.Optional;

/** Tells failures of calls that the worker itself is the reason of from those of hosts. */
public final class OwnRefusals {
    private OwnRefusals() {}

    /** Whether a call failed by our rules or for want of our means, whatever its host is like. */
    public static boolean isIn(Throwable thrown) {
        return ForbiddenAddressException.isIn(thrown)
                || thrown instanceof HeadTooLargeException
                || lookup(thrown).isPresent();
    }

    /** Why the name was not looked up, where that is the reason. */
    public static Optional<LookupRefusedException> lookup(Throwable thrown) {
        for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
            if (cause instanceof LookupRefusedException refused) {
                return Optional.of(refused);
            }
        }
        return Optional.empty();
    }
}
