package dev.millrace.modules;

import dev.millrace.api.ColorOrder;
import dev.millrace.api.Fidelity;
import dev.millrace.api.ImageInfo;
import dev.millrace.api.ModelSpec;
import dev.millrace.api.Normalization;
import dev.millrace.api.OutputTensor;
import dev.millrace.api.OutputTensors;
import dev.millrace.api.Placement;
import dev.millrace.api.ResizeRule;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Hand-made specs and tensors. */
final class Outputs {
    /** The image lies in the input as it is. */
    static final Placement SAME = new Placement(1, 1, 0, 0);

    private Outputs() {}

    static ModelSpec spec(
            String kind,
            List<String> labels,
            Map<String, String> outputs,
            Map<String, Double> thresholds,
            Optional<ModelSpec.Nms> nms) {
        return new ModelSpec(
                "test",
                "0",
                kind,
                100,
                100,
                new ResizeRule.Stretch(),
                Fidelity.EXACT,
                ColorOrder.RGB,
                new Normalization(1, List.of(0.0, 0.0, 0.0), List.of(1.0, 1.0, 1.0)),
                labels,
                outputs,
                thresholds,
                nms);
    }

    static ImageInfo image(int width, int height) {
        return new ImageInfo(width, height, "png", 1);
    }

    static OutputTensor tensor(String name, List<Integer> shape, float... values) {
        return new OutputTensor(name, shape, MemorySegment.ofArray(values));
    }

    static OutputTensors outputs(OutputTensor... tensors) {
        return new OutputTensors(List.of(tensors));
    }
}
