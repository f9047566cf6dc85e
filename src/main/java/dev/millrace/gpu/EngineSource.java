package dev.millrace.gpu;

import java.nio.file.Path;
import java.util.List;

/**
 * A model that a device can load.
 *
 * @param name for threads and messages
 * @param onnx the graph that takes {@code uint8 [N, H, W, 3]}
 * @param maxBatch rows per batch at most
 */
public record EngineSource(
        String name, Path onnx, List<TensorSpec> inputs, List<TensorSpec> outputs, int maxBatch) {
    public EngineSource {
        inputs = List.copyOf(inputs);
        outputs = List.copyOf(outputs);
    }
}
