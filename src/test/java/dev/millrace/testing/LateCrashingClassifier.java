package dev.millrace.testing;

import dev.millrace.api.ImageInfo;
import dev.millrace.api.ModelSpec;
import dev.millrace.api.OutputTensors;
import dev.millrace.api.Placement;
import dev.millrace.api.Verdict;
import dev.millrace.api.VisionModule;
import java.util.Map;

/** As {@link CrashingClassifier}, but it crashes after inference, where no trial of it comes. */
public final class LateCrashingClassifier extends VisionModule {
    public LateCrashingClassifier(ModelSpec spec) {
        super(spec);
    }

    @Override
    public Verdict postprocess(OutputTensors outputs, ImageInfo image, Placement placement) {
        if (image.width() == CrashingClassifier.POISONOUS_WIDTH) {
            NativeCrash.now();
        }
        return Verdict.of("harmless", Map.of());
    }
}
