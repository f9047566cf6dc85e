package dev.millrace.worker;

import dev.millrace.api.InputTensor;
import dev.millrace.api.OutputTensor;
import dev.millrace.api.OutputTensors;
import dev.millrace.gpu.Device;
import dev.millrace.gpu.Engine;
import dev.millrace.gpu.Memory;
import dev.millrace.gpu.Stream;
import dev.millrace.gpu.TensorSpec;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * A model on a device without a worker around it: rows are written, a batch is run, rows are read.
 * For whoever compares or measures engines. Owns its stream, context and memory on both sides.
 */
public final class BundleLane implements AutoCloseable {
    private final Engine engine;
    private final Deque<AutoCloseable> owned = new ArrayDeque<>();
    private final Stream stream;
    private final Engine.Context context;
    private final Tensor input;
    private final List<Tensor> outputs = new ArrayList<>();

    /** One tensor on both sides. */
    private record Tensor(TensorSpec spec, Memory host, Memory device) {
        MemorySegment row(int row) {
            return host.segment().asSlice(row * spec.rowBytes(), spec.rowBytes());
        }
    }

    public BundleLane(String name, Device device, Engine engine) {
        this.engine = engine;
        try {
            this.stream = own(device.createStream(name));
            this.context = own(engine.createContext());
            this.input = bind(device, engine.inputs().getFirst());
            for (TensorSpec output : engine.outputs()) {
                outputs.add(bind(device, output));
            }
        } catch (RuntimeException e) {
            // A device whose memory ends here must have back what it gave.
            close();
            throw e;
        }
    }

    private <T extends AutoCloseable> T own(T resource) {
        owned.push(resource);
        return resource;
    }

    private Tensor bind(Device device, TensorSpec spec) {
        long bytes = engine.maxBatch() * spec.rowBytes();
        Tensor tensor =
                new Tensor(
                        spec, own(device.allocateHost(bytes)), own(device.allocateDevice(bytes)));
        context.bind(spec.name(), tensor.device());
        return tensor;
    }

    /** Bytes of the device that the tensors of one lane take. */
    static long tensorBytes(Engine engine) {
        long rowBytes = 0;
        for (TensorSpec spec : engine.inputs()) {
            rowBytes += spec.rowBytes();
        }
        for (TensorSpec spec : engine.outputs()) {
            rowBytes += spec.rowBytes();
        }
        return rowBytes * engine.maxBatch();
    }

    int maxBatch() {
        return engine.maxBatch();
    }

    /** Where the pixels of one image go. */
    InputTensor input(int row) {
        List<Integer> shape = input.spec().shape();
        return new InputTensor(row, shape.get(1), shape.get(0), input.row(row));
    }

    /** What came out for one image; valid until the next batch. */
    OutputTensors outputs(int row) {
        return new OutputTensors(
                outputs.stream()
                        .map(
                                tensor ->
                                        new OutputTensor(
                                                tensor.spec().name(),
                                                tensor.spec().shape(),
                                                tensor.row(row)))
                        .toList());
    }

    /** Sends the first {@code batch} rows through the device, and returns at once. */
    void submit(int batch) {
        stream.copyToDevice(input.device(), 0, input.host(), 0, batch * input.spec().rowBytes());
        context.enqueue(batch, stream);
        for (Tensor output : outputs) {
            stream.copyToHost(
                    output.host(), 0, output.device(), 0, batch * output.spec().rowBytes());
        }
    }

    /** Waits for what was submitted. */
    void await() {
        stream.synchronize();
    }

    @Override
    public void close() {
        // The stream comes first, although it was made first: it waits for what uses the rest.
        if (!owned.isEmpty()) {
            close(owned.pollLast());
        }
        owned.forEach(BundleLane::close);
        owned.clear();
    }

    private static void close(AutoCloseable resource) {
        try {
            resource.close();
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IllegalStateException("the device's objects throw nothing checked", e);
        }
    }
}
