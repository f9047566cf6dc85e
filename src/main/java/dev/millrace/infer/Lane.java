package dev.millrace.infer;

import dev.millrace.gpu.Device;
import dev.millrace.gpu.Engine;
import dev.millrace.gpu.Event;
import dev.millrace.gpu.Memory;
import dev.millrace.gpu.Stream;
import dev.millrace.gpu.TensorSpec;
import dev.millrace.job.JobRing;
import java.util.ArrayList;
import java.util.List;

/**
 * One batch in flight: a stream, an execution context, the device side of every tensor and the
 * event that says the batch is done. Two lanes are the double buffer: one copies while the other
 * computes. Driven by the infer thread; owns all it holds.
 */
final class Lane implements AutoCloseable {
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

    Lane(String name, Device device, Engine engine, JobRing ring) {
        this.ring = ring;
        this.stream = device.createStream(name);
        this.context = engine.createContext();
        this.done = device.createEvent();
        TensorSpec pixels = engine.inputs().getFirst();
        this.inputRowBytes = pixels.rowBytes();
        this.input = bind(device, engine, pixels);
        for (TensorSpec output : engine.outputs()) {
            outputs.add(bind(device, engine, output));
        }
    }

    private Memory bind(Device device, Engine engine, TensorSpec tensor) {
        Memory memory = device.allocateDevice(engine.maxBatch() * tensor.rowBytes());
        context.bind(tensor.name(), memory);
        return memory;
    }

    /**
     * Sends {@code count} rows from sequence {@code first} on through the device: copy, compute,
     * copy back. Throws {@link dev.millrace.gpu.DeviceException} when the device refuses; {@link
     * #done} still completes then.
     */
    void submit(long first, int count, long nowNs) {
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
    Event done() {
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
        stream.close();
        done.close();
        context.close();
        outputs.reversed().forEach(Memory::close);
        input.close();
    }
}
