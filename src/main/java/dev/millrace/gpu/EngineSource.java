package dev.millrace.gpu;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * A model that a device can load.
 *
 * @param name for threads and messages
 * @param onnx the graph that takes {@code uint8 [N, H, W, 3]}
 * @param plan what TensorRT has made of it for the device, where there is one
 * @param maxBatch rows per batch at most
 */
public record EngineSource(
        String name,
        Path onnx,
        Optional<Path> plan,
        List<TensorSpec> inputs,
        List<TensorSpec> outputs,
        int maxBatch) {
    public EngineSource {
        inputs = List.copyOf(inputs);
        outputs = List.copyOf(outputs);
    }

    /** Without a plan. */
    public EngineSource(
            String name,
            Path onnx,
            List<TensorSpec> inputs,
            List<TensorSpec> outputs,
            int maxBatch) {
        this(name, onnx, Optional.empty(), inputs, outputs, maxBatch);
    }

    /** The same with a plan. */
    public EngineSource withPlan(Path made) {
        return new EngineSource(name, onnx, Optional.of(made), inputs, outputs, maxBatch);
    }

    /** Throws {@link DeviceException} for a batch that its engine does not take. */
    public void requireBatch(int batch) {
        if (batch < 1 || batch > maxBatch) {
            throw new DeviceException(
                    "a batch of " + batch + " was refused: " + name + " takes 1 to " + maxBatch);
        }
    }
}
