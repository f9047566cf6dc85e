package dev.millrace.preprocess;

import dev.millrace.api.ImageInfo;
import dev.millrace.api.InputTensor;
import dev.millrace.api.Placement;
import dev.millrace.api.VisionModule;
import dev.millrace.job.FailureException;

/**
 * What the preprocess stage does, for one image outside of a ring: check, decode, let the module
 * write the row. Used by one thread.
 */
public final class ImagePreprocessor implements AutoCloseable {
    private final VisionModule module;
    private final ImageGate gate = new ImageGate(ImageLimits.DEFAULT);
    private final DecodedImage image;

    public ImagePreprocessor(VisionModule module) {
        this.module = module;
        this.image = new DecodedImage(module.spec().colorOrder(), module.spec().fidelity());
    }

    /** What postprocessing needs to know of an image. */
    public record Prepared(ImageInfo image, Placement placement) {}

    public Prepared preprocess(byte[] body, InputTensor input) throws FailureException {
        ImageHeader header = gate.inspect(body);
        image.show(body, header);
        try {
            return new Prepared(header.info(body.length), module.preprocess(image, input));
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
