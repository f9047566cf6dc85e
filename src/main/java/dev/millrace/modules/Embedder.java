package dev.millrace.modules;

import dev.millrace.api.ImageInfo;
import dev.millrace.api.ModelSpec;
import dev.millrace.api.OutputTensor;
import dev.millrace.api.OutputTensors;
import dev.millrace.api.Placement;
import dev.millrace.api.Verdict;
import dev.millrace.api.VisionModule;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A vector that stands for the image. Reads the role {@code embedding}, {@code float32 [D]}; writes
 * {@code embedding}, its numbers. There is no label.
 */
public final class Embedder extends VisionModule {
    private final String output;

    public Embedder(ModelSpec spec) {
        super(spec);
        this.output = spec.output("embedding");
    }

    @Override
    public Verdict postprocess(OutputTensors outputs, ImageInfo image, Placement placement) {
        OutputTensor vector = outputs.named(output);
        List<Float> values = new ArrayList<>(vector.length());
        for (int i = 0; i < vector.length(); i++) {
            values.add(Scores.finite(vector, i));
        }
        return Verdict.unlabelled(Map.of("embedding", values));
    }
}
