package dev.millrace.observe;

import java.util.List;
import java.util.Map;

/**
 * The worker's totals at one moment.
 *
 * @param images messages whose outcome the queue has taken
 * @param inFlight messages that the queue has handed over and that are not settled
 * @param permits that are taken: those of messages in flight and of running polls
 * @param limit how many permits there are
 * @param batchSizes batches by their size, as {@link dev.millrace.infer.BatchStats#sizeNames}
 * @param rings by task
 * @param stages by name, in the order of the path
 * @param waits for what no stage of the worker is busy with
 */
public record Snapshot(
        long nowNs,
        long cpuNs,
        long images,
        long failedTasks,
        int inFlight,
        int permits,
        int limit,
        long batches,
        long rows,
        List<Long> batchSizes,
        Map<String, RingUse> rings,
        Map<String, StageWork> stages,
        Waits waits) {

    /**
     * @param occupied slots that hold a job
     * @param size all slots
     */
    public record RingUse(int occupied, int size) {}

    /**
     * @param hosts downloads that wait for their turn at an image host
     * @param acknowledger messages whose outcome the queue has not taken yet
     * @param receivers whether as many polls run as may, while the queue has more
     * @param capped whether the operator allows so many downloads from one host and no more
     */
    public record Waits(int hosts, int acknowledger, boolean receivers, boolean capped) {
        static final Waits NONE = new Waits(0, 0, false, false);
    }

    /**
     * @param threads whose time {@code busyNs} adds up; 0 where there is no fixed number
     */
    record StageWork(int threads, long busyNs, long items) {
        static final StageWork NONE = new StageWork(0, 0, 0);
    }
}
