package dev.millrace.job;

import com.lmax.disruptor.BusySpinWaitStrategy;
import com.lmax.disruptor.RingBuffer;
import com.lmax.disruptor.Sequence;
import dev.millrace.gpu.Device;
import dev.millrace.gpu.TensorSpec;
import java.util.List;
import java.util.function.BooleanSupplier;

/**
 * The ring of one model. Slot {@code i} owns row {@code i} of its {@link Rows}, so preprocessing
 * writes where the device copies from and a run of sequences is a contiguous batch. Fetch tasks
 * publish, the preprocess threads, the infer thread and the deliver thread follow each other by
 * their sequences.
 *
 * <p>A slot permit is taken before a sequence is claimed and returned when deliver is done with the
 * slot, so a claim never waits for the ring to wrap. Owns the rows.
 */
public final class JobRing implements JobEntrance, AutoCloseable {
    private final String name;
    private final RingBuffer<Job> ring;
    private final Slots slots;
    private final RingSignal signal = new RingSignal();
    private volatile boolean retired;
    private final Rows rows;

    /**
     * @param size slots, a power of two
     * @param input {@code uint8 [H, W, 3]}
     */
    public JobRing(
            String name, int size, Device device, TensorSpec input, List<TensorSpec> outputs) {
        this(name, size, device, input, outputs, new OpenSlots(size));
    }

    /**
     * A ring whose slots jobs of the queue share with those of callers.
     *
     * @param mostOfQueue slots that jobs of the queue hold at most
     * @param mostUnprepared of these whose jobs are not prepared for the device
     * @param batch slots that callers may take one after the other while the queue waits
     * @param share of the slots that callers get while both want them
     */
    public static JobRing shared(
            String name,
            int size,
            Device device,
            TensorSpec input,
            List<TensorSpec> outputs,
            int mostOfQueue,
            int mostUnprepared,
            int batch,
            double share) {
        return new JobRing(
                name,
                size,
                device,
                input,
                outputs,
                new SharedSlots(size, mostOfQueue, mostUnprepared, batch, share));
    }

    private JobRing(
            String name,
            int size,
            Device device,
            TensorSpec input,
            List<TensorSpec> outputs,
            Slots slots) {
        this.name = name;
        this.slots = slots;
        this.rows = new Rows(size, device, input, outputs);
        try {
            int[] row = {0};
            this.ring =
                    RingBuffer.createMultiProducer(
                            () -> createJob(row[0]++), size, new BusySpinWaitStrategy());
        } catch (Throwable e) {
            rows.close();
            throw e;
        }
    }

    private Job createJob(int row) {
        return new Job(rows.input(row), rows.outputs(row));
    }

    public String name() {
        return name;
    }

    public int size() {
        return ring.getBufferSize();
    }

    /** Slots that hold a job now. */
    public int occupied() {
        return slots.taken();
    }

    /** Waits for a free slot. */
    @Override
    public boolean publish(Message message, int task, byte[] body) throws InterruptedException {
        return publish(message, task, body, null, 0);
    }

    /**
     * The same for an image that is prepared.
     *
     * @param fetchedNs when its download was complete
     */
    public boolean publish(Message message, int task, PreprocessedImage prepared, long fetchedNs)
            throws InterruptedException {
        return publish(message, task, null, prepared, fetchedNs);
    }

    private boolean publish(
            Message message, int task, byte[] body, PreprocessedImage prepared, long fetchedNs)
            throws InterruptedException {
        slots.take(message.hasCaller());
        return fill(message, task, body, prepared, fetchedNs);
    }

    @Override
    public boolean offer(Message message, int task, byte[] body) {
        return slots.takeNow(message.hasCaller()) && fill(message, task, body, null, 0);
    }

    /** In a slot that was taken. */
    private boolean fill(
            Message message, int task, byte[] body, PreprocessedImage prepared, long fetchedNs) {
        boolean caller = message.hasCaller();
        if (retired || message.isAbandoned()) {
            slots.prepared(caller);
            slots.giveBack(caller);
            return false;
        }
        long sequence = ring.next();
        try {
            long sinceNs = prepared == null ? System.nanoTime() : fetchedNs;
            ring.get(sequence).assign(message, task, body, prepared, sinceNs);
        } finally {
            ring.publish(sequence);
            signal.moved();
        }
        return true;
    }

    /**
     * Waits until every job that was published is delivered and takes no more. Its successor must
     * be known to the publishers before.
     */
    public void retire() throws InterruptedException {
        slots.onceAllAreFree(() -> retired = true);
    }

    /** The job at a sequence; the caller's stage must have reached it. */
    public Job get(long sequence) {
        return ring.get(sequence);
    }

    /** The row of the arenas that a sequence has. */
    public int row(long sequence) {
        return (int) (sequence & (ring.getBufferSize() - 1));
    }

    public boolean isPublished(long sequence) {
        return ring.isAvailable(sequence);
    }

    /** The highest sequence that was claimed; all up to it are published or about to be. */
    public long cursor() {
        return ring.getCursor();
    }

    /**
     * Makes the last stage's sequence the one that a claim may not overtake. Called once, before
     * the first publish.
     */
    public void gate(Sequence last) {
        ring.addGatingSequences(last);
    }

    /** Called by a stage after it set its sequence. */
    public void moved() {
        signal.moved();
    }

    /**
     * Waits until {@code ready}, which is looked at again whenever a sequence moves; says whether
     * it is.
     */
    public boolean await(BooleanSupplier ready, long timeoutNs) throws InterruptedException {
        return signal.await(ready, timeoutNs, 0);
    }

    /** The same, and the first {@code spinNs} of it without sleep. */
    public boolean await(BooleanSupplier ready, long timeoutNs, long spinNs)
            throws InterruptedException {
        return signal.await(ready, timeoutNs, spinNs);
    }

    /** Called by preprocess when it is done with a job of this message, before the next one. */
    public void prepared(Message message) {
        slots.prepared(message.hasCaller());
    }

    /** Returns the message's slot; called by deliver after it set its sequence past the job. */
    public void release(Message message) {
        slots.giveBack(message.hasCaller());
    }

    /** What the slots own. */
    public Rows rows() {
        return rows;
    }

    @Override
    public void close() {
        rows.close();
    }
}
