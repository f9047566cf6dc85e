package dev.millrace.duty;

/** What a thread waits for is not done within its {@link OwnLimit}; the message says all. */
public final class OverdueException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    OverdueException(String overdue) {
        super(overdue, null, false, false);
    }
}
