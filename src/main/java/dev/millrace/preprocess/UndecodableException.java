package dev.millrace.preprocess;

import dev.millrace.job.FailureException;

/** Carries what is wrong with an image through a module's code, which need not know of it. */
final class UndecodableException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient FailureException failure;

    UndecodableException(FailureException failure) {
        super(failure.getMessage(), null, false, false);
        this.failure = failure;
    }

    FailureException failure() {
        return failure;
    }
}
