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

/** A module that crashes in native code for images of one width, and works for all others. */
public final class CrashingClassifier extends VisionModule {
    /** Of {@code png-451x300-cat.png}. */
    public static final int POISONOUS_WIDTH = 451;

    public CrashingClassifier(ModelSpec spec) {
        super(spec);
    }

    @Override
    public Placement preprocess(Image image, InputTensor input) {
        if (image.width() == POISONOUS_WIDTH) {
            NativeCrash.now();
        }
        return super.preprocess(image, input);
    }

    @Override
    public Verdict postprocess(OutputTensors outputs, ImageInfo image, Placement placement) {
        return Verdict.of("harmless", Map.of());
    }
}
