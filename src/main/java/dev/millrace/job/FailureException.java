package dev.millrace.job;

/**
 * Carries a {@link Failure} up to the stage's edge, where it becomes the job's. Has no stack trace:
 * it is a result.
 */
public final class FailureException extends Exception {
    private static final long serialVersionUID = 1L;

    private final transient Failure failure;

    public FailureException(Failure failure) {
        super(failure.message(), null, false, false);
        this.failure = failure;
    }

    public FailureException(Failure.Kind kind, Stage stage, String message) {
        this(new Failure(kind, stage, message));
    }

    public Failure failure() {
        return failure;
    }
}
