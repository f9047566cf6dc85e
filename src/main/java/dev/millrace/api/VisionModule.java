package dev.millrace.api;

import java.util.Objects;

/**
 * One model's way from pixels to a verdict. A subclass writes {@link #postprocess} and, where the
 * rule declared in {@code model.yaml} is not enough, {@link #preprocess}. It needs a public
 * constructor that takes a {@link ModelSpec}.
 *
 * <p>Both methods see ONE image. {@code preprocess} runs on several threads at once, {@code
 * postprocess} on one thread per model, so a module keeps no state that changes between images, or
 * guards it. An exception thrown by either fails that image alone.
 */
public abstract class VisionModule {
    private final ModelSpec spec;

    protected VisionModule(ModelSpec spec) {
        this.spec = Objects.requireNonNull(spec, "spec");
    }

    /** What {@code model.yaml} declares. */
    public final ModelSpec spec() {
        return spec;
    }

    /**
     * Writes the model's input for one image: {@code uint8 [height, width, 3]} in the model's
     * colour order. Scaling and normalisation are part of the graph and must not be applied here.
     *
     * @return where the image lies in the input, so that {@code postprocess} can map coordinates
     *     back
     */
    public Placement preprocess(Image image, InputTensor input) {
        return image.fit(spec.resize(), input);
    }

    /**
     * Reads the model's outputs for one image. The memory behind {@code outputs} is reused once
     * this returns.
     *
     * @param image the decoded image's upright size and format
     * @param placement what {@code preprocess} returned
     */
    public abstract Verdict postprocess(
            OutputTensors outputs, ImageInfo image, Placement placement);
}
