package dev.millrace.bundle;

import dev.millrace.api.ModelSpec;
import dev.millrace.gpu.EngineSource;
import dev.millrace.gpu.TensorSpec;
import java.nio.file.Path;
import java.util.List;

/**
 * A model that is ready to be loaded. Made by {@link Bundles#load}.
 *
 * @param spec for modules; its output names are those of the grafted graph
 * @param onnx the grafted graph, in the cache
 * @param input {@code uint8 [H, W, 3]}
 * @param outputs {@code float32}, without the batch dimension, in the order of the graph
 */
public record Bundle(ModelSpec spec, Path onnx, TensorSpec input, List<TensorSpec> outputs) {
    public Bundle {
        outputs = List.copyOf(outputs);
    }

    /**
     * What a device loads.
     *
     * @param maxBatch images per batch at most
     */
    public EngineSource source(int maxBatch) {
        return new EngineSource(spec.name(), onnx, List.of(input), outputs, maxBatch);
    }
}
