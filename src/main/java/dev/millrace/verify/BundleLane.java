package dev.millrace.verify;

import dev.millrace.api.InputTensor;
import dev.millrace.api.OutputTensor;
import dev.millrace.api.OutputTensors;
import dev.millrace.gpu.Device;
import dev.millrace.gpu.Engine;
import dev.millrace.gpu.Memory;
import dev.millrace.gpu.Stream;
import dev.millrace.gpu.TensorSpec;
import dev.millrace.resource.Resources;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * A model on a device without a worker around it: rows are written, a batch is run, rows are read.
 * For whoever compares or measures engines. Owns its stream, context and memory on both sides.
 */
public final class BundleLane implements AutoCloseable {
    private final Engine engine;
    private final Resources resources = new Resources();
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
        // The stream last, since it is closed first: until its work is done, that uses the rest.
        try {
            this.input = allocate(device, engine.inputs().getFirst());
            for (TensorSpec output : engine.outputs()) {
                outputs.add(allocate(device, output));
            }
            this.context = resources.own(engine.createContext());
            context.bind(input.spec().name(), input.device());
            outputs.forEach(output -> context.bind(output.spec().name(), output.device()));
            this.stream = resources.own(device.createStream(name));
        } catch (Throwable e) {
            resources.closeAfter(e);
            throw e;
        }
    }

    private Tensor allocate(Device device, TensorSpec spec) {
        long bytes = engine.maxBatch() * spec.rowBytes();
        return new Tensor(
                spec,
                resources.own(device.allocateHost(bytes)),
                resources.own(device.allocateDevice(bytes)));
    }

    /** Bytes of the device that the tensors of one lane take. */
    public static long tensorBytes(Engine engine) {
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
    public void submit(int batch) {
        stream.copyToDevice(input.device(), 0, input.host(), 0, batch * input.spec().rowBytes());
        context.enqueue(batch, stream);
        for (Tensor output : outputs) {
            stream.copyToHost(
                    output.host(), 0, output.device(), 0, batch * output.spec().rowBytes());
        }
    }

    /** Waits for what was submitted. */
    public void await() {
        stream.synchronize();
    }

    @Override
    public void close() {
        resources.close();
    }
}
