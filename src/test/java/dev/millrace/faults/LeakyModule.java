package dev.millrace.faults;

import dev.millrace.api.Image;
import dev.millrace.api.ImageInfo;
import dev.millrace.api.InputTensor;
import dev.millrace.api.ModelSpec;
import dev.millrace.api.OutputTensors;
import dev.millrace.api.Placement;
import dev.millrace.api.Verdict;
import dev.millrace.api.VisionModule;
import java.lang.foreign.Arena;
import java.util.Map;

/** Loses some native memory with every image. */
public final class LeakyModule extends VisionModule {
    /** Bytes. */
    static final int LOST = 16 << 10;

    public LeakyModule(ModelSpec spec) {
        super(spec);
    }

    @Override
    public Placement preprocess(Image image, InputTensor input) {
        Arena.global().allocate(LOST).fill((byte) 1);
        return super.preprocess(image, input);
    }

    @Override
    public Verdict postprocess(OutputTensors outputs, ImageInfo image, Placement placement) {
        return Verdict.of("none", Map.of());
    }
}
