package dev.millrace.testing;

import dev.millrace.api.Image;
import dev.millrace.api.ImageInfo;
import dev.millrace.api.InputTensor;
import dev.millrace.api.ModelSpec;
import dev.millrace.api.OutputTensors;
import dev.millrace.api.Placement;
import dev.millrace.api.Verdict;
import dev.millrace.api.VisionModule;
import java.util.Map;

/**
 * A module that takes 100 ms for each image and hardly any CPU, so that threads and lanes count and
 * cores do not.
 */
public final class SlowClassifier extends VisionModule {
    public static final int MILLIS = 100;

    public SlowClassifier(ModelSpec spec) {
        super(spec);
    }

    @Override
    public Placement preprocess(Image image, InputTensor input) {
        try {
            Thread.sleep(MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return super.preprocess(image, input);
    }

    @Override
    public Verdict postprocess(OutputTensors outputs, ImageInfo image, Placement placement) {
        return Verdict.of("harmless", Map.of());
    }
}
