package dev.millrace.duty;

/** A long-lived thread ended, or stands still, although it was not closed. */
public final class DutyFailedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public DutyFailedException(String message, Throwable cause) {
        super(message, cause);
    }
}
