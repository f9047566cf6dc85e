package dev.millrace.job;

/** Decides, between download and ring, whether an image may be processed in this process. */
@FunctionalInterface
public interface Screening {
    /**
     * Returns when the image may go on; may wait for as long as a trial of it takes. Called by
     * whoever owns the message.
     *
     * @throws FailureException what the message ends with instead
     */
    void screen(Message message, byte[] body) throws FailureException, InterruptedException;

    /** Whether nothing speaks against a message now, so that {@link #screen} need not be asked. */
    default boolean passes(Message message) {
        return false;
    }
}
