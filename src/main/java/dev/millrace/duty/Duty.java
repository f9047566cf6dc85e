package dev.millrace.duty;

/** What one long-lived thread does, turn by turn. */
public interface Duty {
    /**
     * Does what is there, or waits for it for a second at most. What this throws ends the thread
     * and is a fault of the worker.
     *
     * @param nowNs {@link System#nanoTime}
     */
    Turn turn(long nowNs) throws InterruptedException;

    /** The thread is to end, so a turn that waits should return. Called by any thread. */
    default void stop() {}
}
