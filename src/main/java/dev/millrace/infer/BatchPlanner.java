package dev.millrace.infer;

/**
 * The rule that cuts batches. Submit when a lane is free and the batch is full, or no lane is busy,
 * or the oldest job has waited for the linger, or the worker drains. An idle device takes what is
 * there at once; a busy one finds a larger batch when it comes back.
 */
final class BatchPlanner {
    private BatchPlanner() {}

    /**
     * What the rule looks at.
     *
     * @param backlog rows that are ready and not submitted
     * @param rowsToRingEnd rows from the first of them to the end of the ring, where a batch must
     *     be cut
     * @param oldestAgeNs how long ago the download of the first of them was complete
     */
    record Situation(
            long backlog,
            int rowsToRingEnd,
            boolean laneFree,
            boolean laneBusy,
            long oldestAgeNs,
            boolean draining) {}

    /** Rows to submit now; 0 to wait. */
    static int plan(Situation now, int maxBatch, long lingerNs) {
        if (!now.laneFree() || now.backlog() == 0) {
            return 0;
        }
        int batch = (int) Math.min(Math.min(now.backlog(), maxBatch), now.rowsToRingEnd());
        // A batch cut by the ring's end cannot grow, so waiting gains nothing.
        boolean full = batch == maxBatch || batch == now.rowsToRingEnd();
        return full || !now.laneBusy() || now.oldestAgeNs() >= lingerNs || now.draining()
                ? batch
                : 0;
    }
}
