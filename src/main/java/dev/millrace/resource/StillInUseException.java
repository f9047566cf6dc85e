package dev.millrace.resource;

/**
 * Thrown by a {@code close} whose thread or stream did not end in time. What was opened before it
 * may still be read and written, so it stays open: memory that is lost is better than a crash.
 */
public final class StillInUseException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /**
     * @param message says what still runs
     */
    public StillInUseException(String message) {
        super(message);
    }
}
