package dev.millrace.infer;

import dev.millrace.gpu.Device;
import dev.millrace.gpu.Engine;
import dev.millrace.gpu.Event;
import dev.millrace.gpu.Memory;
import dev.millrace.gpu.Stream;
import dev.millrace.gpu.TensorSpec;
import dev.millrace.job.JobRing;
import dev.millrace.resource.Resources;
import java.util.ArrayList;
import java.util.List;

/**
 * One batch in flight: a stream, an execution context, the device side of every tensor and the
 * event that says the batch is done. Two lanes are the double buffer: one copies while the other
 * computes. Driven by the infer thread; owns all it holds.
 */
public final class Lane implements AutoCloseable {
    private final Resources resources = new Resources();
    private final JobRing ring;
    private final Stream stream;
    private final Engine.Context context;
    private final Event done;
    private final Memory input;
    private final long inputRowBytes;
    private final List<Memory> outputs = new ArrayList<>();

    private long first;
    private int count;
    private long submittedNs;

    public Lane(String name, Device device, Engine engine, JobRing ring) {
        this.ring = ring;
        TensorSpec pixels = engine.inputs().getFirst();
        this.inputRowBytes = pixels.rowBytes();
        // The stream last, since it is closed first: until its work is done, that uses the rest.
        try {
            this.input = allocate(device, engine, pixels);
            for (TensorSpec output : engine.outputs()) {
                outputs.add(allocate(device, engine, output));
            }
            this.context = resources.own(engine.createContext());
            context.bind(pixels.name(), input);
            for (int i = 0; i < outputs.size(); i++) {
                context.bind(engine.outputs().get(i).name(), outputs.get(i));
            }
            this.done = resources.own(device.createEvent());
            this.stream = resources.own(device.createStream(name));
        } catch (Throwable e) {
            resources.closeAfter(e);
            throw e;
        }
    }

    private Memory allocate(Device device, Engine engine, TensorSpec tensor) {
        return resources.own(device.allocateDevice(engine.maxBatch() * tensor.rowBytes()));
    }

    /**
     * Sends {@code count} rows from sequence {@code first} on through the device: copy, compute,
     * copy back. Throws {@link dev.millrace.gpu.DeviceException} when the device refuses; {@link
     * #done} still completes then.
     */
    public void submit(long first, int count, long nowNs) {
        this.first = first;
        this.count = count;
        this.submittedNs = nowNs;
        int row = ring.row(first);
        try {
            stream.copyToDevice(
                    input, 0, ring.inputArena(), row * inputRowBytes, count * inputRowBytes);
            context.enqueue(count, stream);
            for (int i = 0; i < outputs.size(); i++) {
                long rowBytes = ring.outputSpecs().get(i).rowBytes();
                stream.copyToHost(
                        ring.outputArenas().get(i),
                        row * rowBytes,
                        outputs.get(i),
                        0,
                        count * rowBytes);
            }
        } finally {
            stream.record(done);
        }
    }

    /** The mark behind the batch that was submitted last. */
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
