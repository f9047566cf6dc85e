package dev.millrace.job;

/** Decides, between download and ring, whether an image may be processed in this process. */
@FunctionalInterface
public interface Screening {
    /**
     * Returns when the image may go on; may wait for as long as a trial of it takes. Called from a
     * fetch task, which owns the message.
     *
     * @throws FailureException what the message ends with instead
     */
    void screen(Message message, byte[] body) throws FailureException, InterruptedException;
}
