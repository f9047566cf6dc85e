package dev.millrace.infer;

import com.lmax.disruptor.Sequence;
import dev.millrace.duty.Duty;
import dev.millrace.duty.Turn;
import dev.millrace.gpu.Device;
import dev.millrace.gpu.DeviceException;
import dev.millrace.gpu.Engine;
import dev.millrace.job.Failure;
import dev.millrace.job.Job;
import dev.millrace.job.JobRing;
import dev.millrace.job.Stage;
import dev.millrace.resource.Resources;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The infer stage of one model. Its sequence means "finished on the device", not "submitted":
 * whatever is reused, rows and slots alike, is protected by that one sequence. Runs on the thread
 * {@code infer-<model>}; owns the lanes.
 */
public final class InferenceProcessor implements Duty, AutoCloseable {
    /** How long a completed batch may go unnoticed while the thread waits for rows. */
    private static final long POLL_NS = TimeUnit.MILLISECONDS.toNanos(1);

    private static final long IDLE_NS = TimeUnit.MILLISECONDS.toNanos(100);

    private final JobRing ring;
    private final List<Sequence> preprocessed;
    private final int maxBatch;
    private final long lingerNs;
    private final long spinNs;
    private final BatchStats stats;
    private final Resources resources = new Resources();
    private final List<Lane> lanes = new ArrayList<>();
    private final ArrayDeque<Lane> free = new ArrayDeque<>();
    private final ArrayDeque<Lane> busy = new ArrayDeque<>();

    private final Sequence finished = new Sequence();
    private long nextToSubmit;
    private long busySinceNs;
    private volatile boolean draining;
    private volatile boolean halted;

    /**
     * @param preprocessed the sequences of the preprocess threads
     * @param lingerNs how long the oldest row waits for a fuller batch while a lane is busy, where
     *     the engine gains by that
     * @param spinNs how long to look for rows before the thread sleeps
     */
    public InferenceProcessor(
            JobRing ring,
            List<Sequence> preprocessed,
            Device device,
            Engine engine,
            int laneCount,
            long lingerNs,
            long spinNs,
            BatchStats stats) {
        this.ring = ring;
        this.preprocessed = List.copyOf(preprocessed);
        this.maxBatch = engine.maxBatch();
        this.lingerNs = engine.gainsByBatches() ? lingerNs : 0;
        this.spinNs = spinNs;
        this.stats = stats;
        try {
            for (int i = 0; i < laneCount; i++) {
                String name = "lane-" + ring.name() + "-" + i;
                lanes.add(resources.own(new Lane(name, device, engine, ring.rows())));
            }
        } catch (Throwable e) {
            resources.closeAfter(e);
            throw e;
        }
        free.addAll(lanes);
    }

    /**
     * Sends one full batch of whatever the rows hold through each lane, and one row, which a device
     * may compute in another way, so that the first real ones do not pay for what it does once.
     * Before the first job only.
     */
    public void warmUp() {
        for (Lane lane : lanes) {
            for (int rows : List.of(maxBatch, 1)) {
                lane.submit(0, rows);
                lane.done().synchronize();
            }
        }
    }

    /** Rows per batch at most. */
    public int maxBatch() {
        return maxBatch;
    }

    /** The last sequence that the device has finished with. */
    public Sequence sequence() {
        return finished;
    }

    /** From now on nothing waits for a fuller batch. */
    public void drain() {
        draining = true;
        ring.moved();
    }

    @Override
    public Turn turn(long nowNs) throws InterruptedException {
        if (doWork(nowNs) > 0) {
            return Turn.WORKED;
        }
        idle(nowNs);
        // To wait for the device is no progress, be it with a sleep in between.
        return busy.isEmpty() ? Turn.IDLE : Turn.UNFINISHED;
    }

    @Override
    public void stop() {
        halted = true;
        ring.moved();
    }

    /**
     * One turn: retire what is done, submit what the planner says. Returns how many batches moved.
     */
    int doWork(long nowNs) {
        int moved = 0;
        while (!busy.isEmpty() && isDone(busy.peek())) {
            retire(busy.peek(), nowNs);
            moved++;
        }
        int batch = plan(nowNs);
        if (batch > 0) {
            submit(batch, nowNs);
            moved++;
        }
        return moved;
    }

    private int plan(long nowNs) {
        long backlog = ready() - nextToSubmit + 1;
        if (backlog == 0) {
            return 0;
        }
        return BatchPlanner.plan(
                new BatchPlanner.Situation(
                        backlog,
                        ring.size() - ring.row(nextToSubmit),
                        !free.isEmpty(),
                        !busy.isEmpty(),
                        nowNs - ring.get(nextToSubmit).fetchedNs(),
                        draining),
                maxBatch,
                lingerNs);
    }

    private long ready() {
        long ready = Long.MAX_VALUE;
        for (Sequence sequence : preprocessed) {
            ready = Math.min(ready, sequence.get());
        }
        return ready;
    }

    private void submit(int batch, long nowNs) {
        long queuedNs = 0;
        boolean wanted = false;
        for (int i = 0; i < batch; i++) {
            Job job = ring.get(nextToSubmit + i);
            job.submitted(nowNs);
            queuedNs += nowNs - job.fetchedNs();
            stats.submitted(job);
            wanted |= job.failure().isEmpty();
        }
        if (busy.isEmpty()) {
            busySinceNs = nowNs;
        }
        Lane lane = free.remove();
        busy.add(lane);
        long first = nextToSubmit;
        nextToSubmit += batch;
        stats.submitted(batch, queuedNs);
        try {
            if (wanted) {
                lane.submit(first, ring.row(first), batch, nowNs);
            } else {
                lane.skip(first, batch, nowNs);
            }
        } catch (DeviceException e) {
            fail(lane, e);
        }
    }

    private boolean isDone(Lane lane) {
        try {
            return lane.done().isComplete();
        } catch (DeviceException e) {
            // retire() meets the same exception and deals with it.
            return true;
        }
    }

    private void retire(Lane lane, long nowNs) {
        try {
            lane.done().synchronize();
            stats.computed(lane.count() * computeNs(lane));
        } catch (DeviceException e) {
            fail(lane, e);
        }
        for (int i = 0; i < lane.count(); i++) {
            ring.get(lane.first() + i).finished(nowNs);
        }
        stats.finished(lane.count(), nowNs - lane.submittedNs());
        BatchEvent.record(ring.name(), lane.count(), nowNs - lane.submittedNs());
        busy.remove(lane);
        free.add(lane);
        // Batch by batch, since a device that is never idle would otherwise never count as busy.
        stats.busy(nowNs - busySinceNs);
        busySinceNs = nowNs;
        finished.set(lane.first() + lane.count() - 1);
        ring.moved();
    }

    private static long computeNs(Lane lane) {
        try {
            return lane.computeNs();
        } catch (DeviceException e) {
            if (e.sticky()) {
                throw e;
            }
            // The batch is done; that nobody knows how long it took does not fail it.
            return 0;
        }
    }

    private void fail(Lane lane, DeviceException why) {
        if (why.sticky()) {
            throw why;
        }
        Failure failure = new Failure(Failure.Kind.INFERENCE_FAILED, Stage.INFER, why.getMessage());
        for (int i = 0; i < lane.count(); i++) {
            Job job = ring.get(lane.first() + i);
            job.fail(failure);
        }
    }

    /** Waits for whatever can make {@link #doWork} find something. */
    private void idle(long nowNs) throws InterruptedException {
        if (free.isEmpty()) {
            Lane oldest = busy.peek();
            try {
                oldest.done().synchronize();
            } catch (DeviceException e) {
                // retire() meets the same exception and deals with it.
            }
        } else if (busy.isEmpty()) {
            ring.await(() -> ready() >= nextToSubmit || halted, IDLE_NS, spinNs);
        } else {
            long waitNs = POLL_NS;
            if (ready() >= nextToSubmit) {
                waitNs = Math.min(waitNs, lingerNs - (nowNs - ring.get(nextToSubmit).fetchedNs()));
            }
            // Without a linger the first row is reason enough.
            int enough = lingerNs == 0 ? 1 : maxBatch;
            ring.await(() -> ready() >= nextToSubmit + enough - 1 || halted, waitNs, spinNs);
        }
    }

    /** Frees the lanes; the thread must have ended. */
    @Override
    public void close() {
        resources.close();
    }
}
