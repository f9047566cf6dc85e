package dev.millrace.image;

import dev.millrace.job.FailureException;
import java.util.Objects;

/**
 * The gate that untrusted bytes pass before any native decoder sees them. It reads the structure of
 * a file, never its pixels: what format it is (by magic bytes, whatever its name says), that every
 * part lies inside the file, that the parts which the decoder needs are there and possible, and how
 * much work they declare.
 *
 * <p>A file that was cut is refused wherever the cut can be seen, also where a browser would show
 * the rest in gray: the verdict on half a picture is wrong without anybody noticing, an error is
 * not. For a JPEG this means that one which lacks nothing but its end marker is refused too, since
 * no marker tells it from half a picture.
 *
 * <p>Thread-safe; creates nothing but its result. A pass takes time linear in the body.
 */
public final class ImageGate {
    private final ImageLimits limits;

    public ImageGate(ImageLimits limits) {
        this.limits = Objects.requireNonNull(limits, "limits");
    }

    /**
     * Reads the header of the picture that is to be decoded, which is the first one of an
     * animation.
     *
     * @throws FailureException of stage {@code PREPROCESS}: {@code UNSUPPORTED_FORMAT}, {@code
     *     IMAGE_TOO_LARGE} or {@code CORRUPT_IMAGE}, with one line for the sender
     */
    public ImageHeader inspect(byte[] body) throws FailureException {
        return switch (Signature.formatOf(body)) {
            case JPEG -> JpegGate.inspect(body, limits);
            case PNG -> PngGate.inspect(body, limits);
            case WEBP -> WebpGate.inspect(body, limits);
            case GIF -> GifGate.inspect(body, limits);
        };
    }
}
