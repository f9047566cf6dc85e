package dev.millrace.infer;

import dev.millrace.gpu.Device;
import dev.millrace.gpu.Engine;
import dev.millrace.gpu.Event;
import dev.millrace.gpu.Memory;
import dev.millrace.gpu.Stream;
import dev.millrace.gpu.Timer;
import dev.millrace.job.Rows;
import dev.millrace.resource.Resources;
import java.util.ArrayList;
import java.util.List;

/**
 * One batch in flight: a stream, an execution context, the device side of every tensor and the
 * event that says the batch is done. Two lanes are the double buffer: one copies while the other
 * computes. The infer thread drives those of a worker; whoever compares or measures engines drives
 * lanes of their own. Owns all it holds, the rows excepted, which are closed after it.
 */
public final class Lane implements AutoCloseable {
    private final Resources resources = new Resources();
    private final Stream stream;
    private final Engine.Context context;
    private final Event done;
    private final Timer compute;
    private final Tensor input;
    private final List<Tensor> outputs = new ArrayList<>();

    private long first;
    private int count;
    private long submittedNs;
    private boolean computing;

    /** One tensor on both sides. */
    private record Tensor(Memory host, Memory device, long rowBytes) {}

    /**
     * @param rows of the engine's tensors
     */
    public Lane(String name, Device device, Engine engine, Rows rows) {
        // The stream last, since it is closed first: until its work is done, that uses the rest.
        try {
            this.input = allocate(device, engine, rows.input());
            for (Rows.Arena output : rows.outputs()) {
                outputs.add(allocate(device, engine, output));
            }
            this.context = resources.own(engine.createContext());
            context.bind(rows.input().spec().name(), input.device());
            for (int i = 0; i < outputs.size(); i++) {
                context.bind(rows.outputs().get(i).spec().name(), outputs.get(i).device());
            }
            this.done = resources.own(device.createEvent());
            this.compute = resources.own(device.createTimer());
            this.stream = resources.own(device.createStream(name));
        } catch (Throwable e) {
            resources.closeAfter(e);
            throw e;
        }
    }

    private Tensor allocate(Device device, Engine engine, Rows.Arena rows) {
        long rowBytes = rows.spec().rowBytes();
        Memory memory = resources.own(device.allocateDevice(engine.maxBatch() * rowBytes));
        return new Tensor(rows.memory(), memory, rowBytes);
    }

    /** Of the device's memory, for the tensors. */
    public long tensorBytes() {
        return input.device().bytes()
                + outputs.stream().mapToLong(output -> output.device().bytes()).sum();
    }

    /** Sends a batch of a worker's jobs, of which the first is in {@code row}. */
    void submit(long first, int row, int count, long nowNs) {
        this.first = first;
        this.count = count;
        this.submittedNs = nowNs;
        submit(row, count);
    }

    /** The same for jobs that have all failed, of which the device has nothing to compute. */
    void skip(long first, int count, long nowNs) {
        this.first = first;
        this.count = count;
        this.submittedNs = nowNs;
        computing = false;
        stream.record(done);
    }

    /**
     * Sends {@code count} rows from {@code row} on through the device: copy, compute, copy back.
     * Throws {@link dev.millrace.gpu.DeviceException} when the device refuses; {@link #done} still
     * completes then.
     */
    public void submit(int row, int count) {
        computing = false;
        try {
            stream.copyToDevice(
                    input.device(),
                    0,
                    input.host(),
                    row * input.rowBytes(),
                    count * input.rowBytes());
            compute.begin(stream);
            context.enqueue(count, stream);
            compute.end(stream);
            computing = true;
            for (int i = 0; i < outputs.size(); i++) {
                Tensor output = outputs.get(i);
                stream.copyToHost(
                        output.host(),
                        row * output.rowBytes(),
                        output.device(),
                        0,
                        count * output.rowBytes());
            }
        } finally {
            stream.record(done);
        }
    }

    /** Computes {@code count} rows again and again, without a copy. */
    public void compute(int count, int times) {
        try {
            for (int i = 0; i < times; i++) {
                context.enqueue(count, stream);
            }
        } finally {
            stream.record(done);
        }
    }

    /**
     * What the device took to compute the batch that was submitted last and is done, by its own
     * clock; 0 for one that it refused.
     */
    long computeNs() {
        return computing ? compute.elapsedNs() : 0;
    }

    /** The mark behind what was submitted last. */
    public Event done() {
        return done;
    }

    long first() {
        return first;
    }

    int count() {
        return count;
    }

    long submittedNs() {
        return submittedNs;
    }

    @Override
    public void close() {
        resources.close();
    }
}
