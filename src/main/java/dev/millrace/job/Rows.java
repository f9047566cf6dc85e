package dev.millrace.job;

import dev.millrace.api.InputTensor;
import dev.millrace.api.OutputTensor;
import dev.millrace.api.OutputTensors;
import dev.millrace.gpu.Device;
import dev.millrace.gpu.Engine;
import dev.millrace.gpu.Memory;
import dev.millrace.gpu.TensorSpec;
import dev.millrace.resource.Resources;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * The host's side of a model's tensors: one page-locked arena per tensor, and row {@code i} of each
 * belongs to one image. Pixels are written where the device copies from, and neighbouring rows are
 * a contiguous batch. Owns the arenas; who writes a row and when is up to the caller.
 */
public final class Rows implements AutoCloseable {
    /** All rows of one tensor. */
    public record Arena(TensorSpec spec, Memory memory) {
        private MemorySegment row(int row) {
            return memory.segment().asSlice(row * spec.rowBytes(), spec.rowBytes());
        }
    }

    private final Resources resources = new Resources();
    private final Arena input;
    private final List<Arena> outputs = new ArrayList<>();

    /**
     * @param input {@code uint8 [H, W, 3]}
     */
    public Rows(int size, Device device, TensorSpec input, List<TensorSpec> outputs) {
        try {
            this.input = allocate(size, device, input);
            for (TensorSpec output : outputs) {
                this.outputs.add(allocate(size, device, output));
            }
        } catch (Throwable e) {
            resources.closeAfter(e);
            throw e;
        }
    }

    /** Of the engine's tensors. */
    public Rows(int size, Device device, Engine engine) {
        this(size, device, engine.inputs().getFirst(), engine.outputs());
    }

    private Arena allocate(int size, Device device, TensorSpec spec) {
        return new Arena(spec, resources.own(device.allocateHost(size * spec.rowBytes())));
    }

    public Arena input() {
        return input;
    }

    /** In the order of the model's outputs. */
    public List<Arena> outputs() {
        return outputs;
    }

    /** Where the pixels of one image go. */
    public InputTensor input(int row) {
        List<Integer> shape = input.spec().shape();
        return new InputTensor(row, shape.get(1), shape.get(0), input.row(row));
    }

    /** Where the device puts what it computes of one image. */
    public OutputTensors outputs(int row) {
        return new OutputTensors(outputs.stream().map(output -> tensor(output, row)).toList());
    }

    private static OutputTensor tensor(Arena output, int row) {
        return new OutputTensor(output.spec().name(), output.spec().shape(), output.row(row));
    }

    /** Of page-locked memory. */
    public long bytes() {
        return input.memory().bytes()
                + outputs.stream().mapToLong(output -> output.memory().bytes()).sum();
    }

    @Override
    public void close() {
        resources.close();
    }
}
