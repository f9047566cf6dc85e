package dev.millrace.deliver;

import java.io.IOException;

/** A call that was not made, because the host did not answer those before it. */
final class HostDownException extends IOException {
    private static final long serialVersionUID = 1L;

    HostDownException(String host) {
        super(host + " is down, and the message could not be held any longer");
    }
}
