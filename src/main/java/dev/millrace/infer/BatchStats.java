package dev.millrace.infer;

import java.util.concurrent.atomic.LongAdder;

/**
 * How large the batches of one model were and how long the device was busy. Written by its infer
 * thread.
 */
public final class BatchStats {
    private final LongAdder batches = new LongAdder();
    private final LongAdder rows = new LongAdder();
    private final LongAdder busyNs = new LongAdder();
    private final LongAdder queuedNs = new LongAdder();
    private final LongAdder inFlightNs = new LongAdder();

    void submitted(int size, long rowsQueuedNs) {
        batches.increment();
        rows.add(size);
        queuedNs.add(rowsQueuedNs);
    }

    void finished(long rowsInFlightNs) {
        inFlightNs.add(rowsInFlightNs);
    }

    void busy(long nanos) {
        busyNs.add(nanos);
    }

    public long batches() {
        return batches.sum();
    }

    public long rows() {
        return rows.sum();
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
