package dev.millrace.examples;

import dev.millrace.api.Image;
import dev.millrace.api.ImageInfo;
import dev.millrace.api.InputTensor;
import dev.millrace.api.ModelSpec;
import dev.millrace.api.OutputTensor;
import dev.millrace.api.OutputTensors;
import dev.millrace.api.Placement;
import dev.millrace.api.ResizeRule;
import dev.millrace.api.Verdict;
import dev.millrace.api.VisionModule;
import java.util.Map;

/**
 * A module of one's own: how warm the middle of a picture is. The model's scores say how red, green
 * and blue it is; {@code kind: dev.millrace.examples.ColorTemperature} in {@code model.yaml} brings
 * the two together.
 */
public final class ColorTemperature extends VisionModule {
    private static final int RED = 0;
    private static final int BLUE = 2;

    public ColorTemperature(ModelSpec spec) {
        super(spec);
    }

    /** Only the middle: the picture is scaled to twice the input, which is cut from its centre. */
    @Override
    public Placement preprocess(Image image, InputTensor input) {
        return image.fit(new ResizeRule.Crop(2 * Math.max(input.width(), input.height())), input);
    }

    @Override
    public Verdict postprocess(OutputTensors outputs, ImageInfo image, Placement placement) {
        OutputTensor scores = outputs.named(spec().output("scores"));
        double warmth = scores.get(RED) - scores.get(BLUE);
        return Verdict.of(warmth > 0 ? "warm" : "cool", Map.of("warmth", warmth));
    }
}
