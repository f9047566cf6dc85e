package dev.millrace.preprocess;

import dev.millrace.api.ImageInfo;
import dev.millrace.api.InputTensor;
import dev.millrace.api.ModelSpec;
import dev.millrace.api.Placement;
import dev.millrace.api.VisionModule;
import dev.millrace.image.ImageGate;
import dev.millrace.image.ImageHeader;
import dev.millrace.image.ImageLimits;
import dev.millrace.job.FailureException;

/**
 * Check, decode, let the module write the row: what the preprocess stage does with an image, and
 * what can be done with one outside of a ring. Used by one thread.
 */
public final class ImagePreprocessor implements AutoCloseable {
    private final VisionModule module;
    private final ImageGate gate = new ImageGate(ImageLimits.DEFAULT);
    private final DecodedImage image;

    public ImagePreprocessor(VisionModule module) {
        this(module, DecodeBudget.unlimited());
    }

    /** With a budget that others share. */
    ImagePreprocessor(VisionModule module, DecodeBudget budget) {
        this.module = module;
        ModelSpec spec = module.spec();
        this.image =
                new DecodedImage(
                        spec.colorOrder(), spec.fidelity(), budget, Resizer.create(spec.filter()));
    }

    /** What postprocessing needs to know of an image. */
    public record Written(ImageInfo image, Placement placement) {}

    public Written preprocess(byte[] body, InputTensor input) throws FailureException {
        ImageHeader header = inspect(body);
        return new Written(header.info(body.length), write(body, header, input));
    }

    /** Reads the header, which must be one that may be decoded. */
    ImageHeader inspect(byte[] body) throws FailureException {
        return gate.inspect(body);
    }

    /** What the module throws goes on; what is wrong with the image is a failure. */
    Placement write(byte[] body, ImageHeader header, InputTensor input) throws FailureException {
        image.show(body, header);
        try {
            return module.preprocess(image, input);
        } catch (UndecodableException e) {
            throw e.failure();
        } finally {
            image.forget();
        }
    }

    @Override
    public void close() {
        image.close();
    }
}
