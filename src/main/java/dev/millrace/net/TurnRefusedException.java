package dev.millrace.net;

/** A host has so many callers in hand that one more is not to wait for its turn. */
public final class TurnRefusedException extends Exception {
    private static final long serialVersionUID = 1L;

    private final boolean failing;

    /**
     * @param failing whether most calls of the host failed of late; else it is only slow
     */
    TurnRefusedException(boolean failing) {
        super(
                failing
                        ? "most of the last calls failed"
                        : "it already has most of the calls that are allowed",
                null,
                false,
                false);
        this.failing = failing;
    }

    /** Whether most calls of the host failed of late; else it is only slow. */
    public boolean isFailing() {
        return failing;
    }
}
