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
    private final ImageDecoder decoder;
    private final DecodedImage image;

    public ImagePreprocessor(VisionModule module) {
        this.module = module;
        this.decoder = new ImageDecoder(module.spec().colorOrder());
        this.image = new DecodedImage(module.spec().colorOrder());
    }

    /** What postprocessing needs to know of an image. */
    public record Prepared(ImageInfo image, Placement placement) {}

    public Prepared preprocess(byte[] body, InputTensor input) throws FailureException {
        ImageHeader header = gate.inspect(body);
        image.show(decoder.decode(body, header));
        return new Prepared(header.info(body.length), module.preprocess(image, input));
    }

    @Override
    public void close() {
        decoder.close();
    }
}
