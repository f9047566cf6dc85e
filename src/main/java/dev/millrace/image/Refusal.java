package dev.millrace.image;

import dev.millrace.job.Failure;
import dev.millrace.job.FailureException;
import dev.millrace.job.Stage;

/** The failures of the gate, each one line for the sender: what, where, what to do. */
public final class Refusal {
    private Refusal() {}

    static FailureException unsupported(String message) {
        return new FailureException(Failure.Kind.UNSUPPORTED_FORMAT, Stage.PREPROCESS, message);
    }

    public static FailureException tooLarge(ImageFormat format, String what) {
        return new FailureException(
                Failure.Kind.IMAGE_TOO_LARGE,
                Stage.PREPROCESS,
                "the " + format.label() + " " + what);
    }

    static FailureException corrupt(ImageFormat format, String what) {
        return new FailureException(
                Failure.Kind.CORRUPT_IMAGE,
                Stage.PREPROCESS,
                "the " + format.label() + " is corrupt: " + what + "; send an intact file");
    }

    /** The file ends before {@code what} does. */
    static FailureException cut(ImageFormat format, String what) {
        return new FailureException(
                Failure.Kind.CORRUPT_IMAGE,
                Stage.PREPROCESS,
                "the " + format.label() + " was cut: " + what + "; send the whole file");
    }

    /** Holds the size of a picture against the limits. */
    static void checkSize(ImageFormat format, long width, long height, ImageLimits limits)
            throws FailureException {
        if (width == 0 || height == 0) {
            throw corrupt(format, "it declares " + width + " x " + height + " pixels");
        }
        if (width > limits.maxSide() || height > limits.maxSide()) {
            throw tooLarge(
                    format,
                    "declares %d x %d pixels, a side is at most %d; send a smaller one"
                            .formatted(width, height, limits.maxSide()));
        }
        if (width * height > limits.maxPixels()) {
            throw tooLarge(
                    format,
                    "declares %d x %d = %d pixels, allowed are %d; send a smaller one"
                            .formatted(width, height, width * height, limits.maxPixels()));
        }
    }
}
