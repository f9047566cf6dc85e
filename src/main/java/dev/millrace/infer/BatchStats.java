package dev.millrace.infer;

import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.LongAdder;

/**
 * How large the batches of one model were and how long the device was busy. Written by its infer
 * thread.
 */
public final class BatchStats {
    private final AtomicLongArray bySize;
    private final LongAdder busyNs = new LongAdder();
    private final LongAdder queuedNs = new LongAdder();
    private final LongAdder inFlightNs = new LongAdder();

    public BatchStats(int maxBatch) {
        this.bySize = new AtomicLongArray(maxBatch + 1);
    }

    void submitted(int rows, long rowsQueuedNs) {
        bySize.incrementAndGet(rows);
        queuedNs.add(rowsQueuedNs);
    }

    void finished(long rowsInFlightNs) {
        inFlightNs.add(rowsInFlightNs);
    }

    void busy(long nanos) {
        busyNs.add(nanos);
    }

    public long batches() {
        long batches = 0;
        for (int size = 1; size < bySize.length(); size++) {
            batches += bySize.get(size);
        }
        return batches;
    }

    public long rows() {
        long rows = 0;
        for (int size = 1; size < bySize.length(); size++) {
            rows += size * bySize.get(size);
        }
        return rows;
    }

    /** Summed over rows, from the end of the download to the submission of the batch. */
    public long queuedNs() {
        return queuedNs.sum();
    }

    /** Summed over rows, from the submission of the batch to its end. */
    public long inFlightNs() {
        return inFlightNs.sum();
    }

    /** Time in which at least one batch was in flight. */
    public long busyNs() {
        return busyNs.sum();
    }
}
