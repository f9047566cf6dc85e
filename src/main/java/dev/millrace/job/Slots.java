package dev.millrace.job;

/** The free slots of a ring, and who gets the next one. Thread-safe. */
interface Slots {
    /**
     * Waits for a slot and takes it.
     *
     * @param caller whether it is for somebody who waits for the answer
     */
    void take(boolean caller) throws InterruptedException;

    /** Takes a slot that is free and that nobody waits for; says whether there is one. */
    boolean takeNow(boolean caller);

    /** The job of a slot is prepared for the device: decoded, or failed. */
    void prepared(boolean caller);

    /** Gives back a slot that was taken for such a job. */
    void giveBack(boolean caller);

    /** Slots that are taken now. */
    int taken();

    /** Waits until no slot is taken, and does this before the next one is. */
    void onceAllAreFree(Runnable action) throws InterruptedException;
}
