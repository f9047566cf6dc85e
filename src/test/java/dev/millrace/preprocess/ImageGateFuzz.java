package dev.millrace.preprocess;

import dev.millrace.image.ImageGate;
import dev.millrace.image.ImageHeader;
import dev.millrace.image.ImageLimits;
import dev.millrace.image.Sanitizer;
import dev.millrace.job.FailureException;
import java.lang.foreign.MemorySegment;

/** Any body: a header that the sanitizer can work with, or a failure with one plain line. */
public final class ImageGateFuzz {
    private static final ImageGate GATE = new ImageGate(ImageLimits.DEFAULT);

    private ImageGateFuzz() {}

    public static void fuzzerTestOneInput(byte[] input) {
        try {
            ImageHeader header = GATE.inspect(input);
            MemorySegment into =
                    MemorySegment.ofArray(new byte[input.length + Sanitizer.SPARE_BYTES]);
            long length = Sanitizer.copyForDecoder(input, header, 1, true, into);
            checkReduced(input, header, into, length);
            long bytes = ImageDecoder.bytes(length, header, 1);
            if (length <= 0 || bytes <= 0 || bytes > 2L << 30) {
                throw new AssertionError(header + " gives " + length + " and " + bytes);
            }
        } catch (FailureException e) {
            if (!e.getMessage().matches("[ -~]{20,200}")) {
                throw new AssertionError("not one plain line: " + e.getMessage());
            }
        }
    }

    private static void checkReduced(
            byte[] input, ImageHeader header, MemorySegment into, long whole) {
        for (int reduction = 2; reduction <= ImageDecoder.maxReduction(header); reduction *= 2) {
            long exact = Sanitizer.copyForDecoder(input, header, reduction, true, into);
            long fast = Sanitizer.copyForDecoder(input, header, reduction, false, into);
            if (fast <= 0 || fast > whole || exact <= 0 || exact > whole) {
                throw new AssertionError(
                        "%s gives %d, and %d or %d at 1/%d"
                                .formatted(header, whole, exact, fast, reduction));
            }
        }
    }
}
