package dev.millrace.job;

/** How many messages a worker may have, for whoever shares them out. Thread-safe. */
public interface Room {
    /** How many there may be now. */
    int limit();

    /**
     * How many there may be soon.
     *
     * @param inCalls messages in calls that only wait for others
     */
    int limitFor(int inCalls);
}
