package dev.millrace.image;

import dev.millrace.job.Failure;
import dev.millrace.job.FailureException;
import dev.millrace.job.Stage;

/**
 * The formats that are decoded, and how each refuses an image: in one line for the sender, which
 * says what, where, what to do.
 */
public enum ImageFormat {
    JPEG("jpeg", "JPEG"),
    PNG("png", "PNG"),
    WEBP("webp", "WebP"),
    GIF("gif", "GIF");

    private final String wireName;

    /** The name in messages to people. */
    private final String label;

    ImageFormat(String wireName, String label) {
        this.wireName = wireName;
        this.label = label;
    }

    /** The name in results and metrics. */
    public String wireName() {
        return wireName;
    }

    /** Of a body of no format that is read, or of a kind of one that is not. */
    static FailureException unsupported(String message) {
        return new FailureException(Failure.Kind.UNSUPPORTED_FORMAT, Stage.PREPROCESS, message);
    }

    public FailureException tooLarge(String what) {
        return new FailureException(
                Failure.Kind.IMAGE_TOO_LARGE, Stage.PREPROCESS, "the " + label + " " + what);
    }

    FailureException corrupt(String what) {
        return new FailureException(
                Failure.Kind.CORRUPT_IMAGE,
                Stage.PREPROCESS,
                "the " + label + " is corrupt: " + what + "; send an intact file");
    }

    /** The file ends before {@code what} does. */
    FailureException cut(String what) {
        return new FailureException(
                Failure.Kind.CORRUPT_IMAGE,
                Stage.PREPROCESS,
                "the " + label + " was cut: " + what + "; send the whole file");
    }

    /** Holds the size of a picture against the limits. */
    void checkSize(long width, long height, ImageLimits limits) throws FailureException {
        if (width == 0 || height == 0) {
            throw corrupt("it declares " + width + " x " + height + " pixels");
        }
        if (width > limits.maxSide() || height > limits.maxSide()) {
            throw tooLarge(
                    "declares %d x %d pixels, but a side may have at most %d; send a smaller one"
                            .formatted(width, height, limits.maxSide()));
        }
        if (width * height > limits.maxPixels()) {
            throw tooLarge(
                    "declares %d x %d = %d pixels, but at most %d are allowed; send a smaller one"
                            .formatted(width, height, width * height, limits.maxPixels()));
        }
    }
}
