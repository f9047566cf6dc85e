package dev.millrace.bundle;

import dev.millrace.api.ModelSpec;
import dev.millrace.gpu.EngineSource;
import dev.millrace.gpu.TensorSpec;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * A model that is ready to be loaded. Made by {@link dev.millrace.bundle.graph.Bundles#load}.
 *
 * @param spec for modules; its output names are those of the grafted graph
 * @param onnx the grafted graph, in the cache
 * @param input {@code uint8 [H, W, 3]}
 * @param outputs {@code float32}, without the batch dimension, in the order of the graph
 * @param launch the most images that the graph itself takes at a time: 1 where its export has fixed
 *     the batch and it could not be opened
 * @param origin what it was made of
 */
public record Bundle(
        ModelSpec spec,
        Path onnx,
        TensorSpec input,
        List<TensorSpec> outputs,
        int launch,
        Origin origin) {
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

    /**
     * What a bundle was made of.
     *
     * @param folder of the bundle
     * @param modelSha256 of the user's {@code model.onnx}
     * @param preprocessing what was grafted onto it, in words: equal words, equal graft
     * @param maxBatch images per batch that {@code model.yaml} recommends, where it does
     */
    public record Origin(
            Path folder, String modelSha256, String preprocessing, Optional<Integer> maxBatch) {}
}
