package dev.millrace.deliver;

import dev.millrace.job.Message;
import java.io.IOException;

/**
 * Takes results to one kind of destination. Called by many virtual threads at once, each with a
 * message of its own; a sink makes one attempt and leaves repeats, breakers and leases to its
 * caller.
 */
@FunctionalInterface
public interface ResultSink {
    /**
     * Returns once the destination has confirmed that it has the result.
     *
     * @throws ResultRefusal where it answered that it does not take it
     * @throws ResultTooLargeException where no attempt can succeed with so many bytes
     * @throws OutputClosedException where nobody reads results any more
     * @throws IOException where it did not answer
     */
    void send(Message message, byte[] body) throws IOException, InterruptedException;
}
