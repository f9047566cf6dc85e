package dev.millrace.job;

/** Where the jobs of one model enter. Called by fetch tasks, which may wait here. */
public interface JobEntrance {
    /**
     * Takes one task of a message with the bytes of its image.
     *
     * @return false where the model was replaced, so that the job belongs to its successor, and
     *     where the message is abandoned
     */
    boolean publish(Message message, int task, byte[] body) throws InterruptedException;

    /**
     * Takes it where that is possible without any wait; says whether it did.
     *
     * @param message of a caller
     */
    boolean offer(Message message, int task, byte[] body);
}
