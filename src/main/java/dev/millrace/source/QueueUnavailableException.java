package dev.millrace.source;

import java.util.Optional;

/**
 * The queue cannot be used, or does not say what it was asked for; the message is one line with its
 * URL, the cause and the remedy.
 */
public final class QueueUnavailableException extends Exception {
    private static final long serialVersionUID = 1L;

    private final String denied;

    QueueUnavailableException(String line, String denied, Throwable cause) {
        super(line, cause);
        this.denied = denied;
    }

    /**
     * The queue's word for it where it knows who asks and only denies the attributes, which a
     * worker can do without; empty otherwise.
     */
    public Optional<String> denied() {
        return Optional.ofNullable(denied);
    }
}
