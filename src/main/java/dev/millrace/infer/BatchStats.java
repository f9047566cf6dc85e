package dev.millrace.infer;

import dev.millrace.job.Durations;
import dev.millrace.job.Job;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * How large the batches of one model were and how long the device was busy. Written by its infer
 * thread.
 */
public final class BatchStats {
    /** Batches of 1, 2, 3 to 4, 5 to 8 rows, and so on. */
    private static final int SIZES = 12;

    private final List<LongAdder> bySize = Stream.generate(LongAdder::new).limit(SIZES).toList();
    private final LongAdder rows = new LongAdder();
    private final LongAdder busyNs = new LongAdder();
    private final LongAdder queuedNs = new LongAdder();
    private final Durations slots = Durations.ofStage();
    private final Durations waits = Durations.ofStage();
    private final Durations inFlight = Durations.ofStage();
    private final LongAdder computedNs = new LongAdder();

    void submitted(int size, long rowsQueuedNs) {
        bySize.get(Math.min(SIZES - 1, Integer.SIZE - Integer.numberOfLeadingZeros(size - 1)))
                .increment();
        rows.add(size);
        queuedNs.add(rowsQueuedNs);
    }

    /** A row of the batch that is submitted. */
    void submitted(Job job) {
        slots.add(job.slotNs());
        waits.add(job.waitNs());
    }

    void finished(int size, long batchInFlightNs) {
        inFlight.add(batchInFlightNs, size);
    }

    void computed(long rowsComputedNs) {
        computedNs.add(rowsComputedNs);
    }

    void busy(long nanos) {
        busyNs.add(nanos);
    }

    public long batches() {
        return bySize.stream().mapToLong(LongAdder::sum).sum();
    }

    /** How many batches had each range of rows that {@link #sizeNames} names. */
    public List<Long> bySize() {
        return bySize.stream().map(LongAdder::sum).toList();
    }

    /** {@code 1}, {@code 2}, {@code 3-4}, {@code 5-8} and so on. */
    public static List<String> sizeNames() {
        return IntStream.range(0, SIZES).mapToObj(BatchStats::sizeName).toList();
    }

    private static String sizeName(int range) {
        int most = 1 << range;
        return most <= 2 ? String.valueOf(most) : most / 2 + 1 + "-" + most;
    }

    public long rows() {
        return rows.sum();
    }

    /** Summed over rows, from the end of the download to the submission of the batch. */
    public long queuedNs() {
        return queuedNs.sum();
    }

    /** By row, from the end of the download to the start of decoding. */
    public Durations slots() {
        return slots;
    }

    /** By row, from the end of decoding to the submission of the batch. */
    public Durations waits() {
        return waits;
    }

    /** By row, from the submission of the batch to its end, copies included. */
    public Durations inFlight() {
        return inFlight;
    }

    /** Summed over rows, what the device took to compute their batch, by its own clock. */
    public long computedNs() {
        return computedNs.sum();
    }

    /** Time in which at least one batch was in flight. */
    public long busyNs() {
        return busyNs.sum();
    }
}
