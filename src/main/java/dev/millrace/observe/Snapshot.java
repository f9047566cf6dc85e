package dev.millrace.observe;

import java.util.List;
import java.util.Map;

/**
 * The worker's totals at one moment.
 *
 * @param images messages whose outcome the queue has taken
 * @param batchSizes batches by their size, as {@link dev.millrace.infer.BatchStats#sizeNames}
 * @param rings by task
 * @param stages by name, in the order of the path
 */
public record Snapshot(
        long nowNs,
        long cpuNs,
        long images,
        long failedTasks,
        int inFlight,
        int limit,
        long batches,
        long rows,
        List<Long> batchSizes,
        Map<String, RingUse> rings,
        Map<String, StageWork> stages) {

    /**
     * @param occupied slots that hold a job
     * @param size all slots
     */
    public record RingUse(int occupied, int size) {}

    /**
     * @param threads whose time {@code busyNs} adds up; 0 where there is no fixed number
     */
    record StageWork(int threads, long busyNs, long items) {
        static final StageWork NONE = new StageWork(0, 0, 0);
    }
}
