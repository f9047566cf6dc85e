package dev.millrace.source;

/** The queue cannot be used; the message is one line with its URL, the cause and the remedy. */
public final class QueueUnavailableException extends Exception {
    private static final long serialVersionUID = 1L;

    QueueUnavailableException(String line, Throwable cause) {
        super(line, cause);
    }
}
