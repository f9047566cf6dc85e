package dev.millrace.preprocess;

import dev.millrace.api.ColorOrder;
import dev.millrace.testing.Memory;
import java.util.Map;

/**
 * Holds what decoding is said to take against the resident memory, in a process of its own whose
 * JVM takes and returns none meanwhile. Says what differs.
 */
final class DecodeBudgetRun {
    private static final int WIDTH = 2000;
    private static final int HEIGHT = 1500;

    /** What the allocator may take meanwhile. */
    private static final long NOISE = 3L << 20;

    private DecodeBudgetRun() {}

    public static void main(String... arguments) throws Exception {
        ImageGate gate = new ImageGate(ImageLimits.DEFAULT);
        Map<String, byte[]> images = EncodedImages.all(WIDTH, HEIGHT, 1);
        for (Map.Entry<String, byte[]> image : images.entrySet()) {
            byte[] body = image.getValue();
            ImageHeader header = gate.inspect(body);
            // What the library does once is not the image's.
            taken(body, header, 1);
            check(image.getKey(), body, header, 1);
            check(image.getKey(), body, onItsSide(header), 1);
            check(image.getKey(), body, header, ImageDecoder.mostReduction(header));
        }
    }

    private static void check(String name, byte[] body, ImageHeader header, int reduction)
            throws Exception {
        long reserved = ImageDecoder.bytes(body.length, header, reduction);
        long taken = taken(body, header, reduction);
        if (taken > reserved + NOISE || taken < 0.7 * reserved - NOISE) {
            System.out.printf(
                    "%s, orientation %d, at 1/%d: took %,d bytes, reserved %,d%n",
                    name, header.orientation(), reduction, taken, reserved);
        }
    }

    private static long taken(byte[] body, ImageHeader header, int reduction) throws Exception {
        try (ImageDecoder decoder = new ImageDecoder(ColorOrder.RGB)) {
            Memory.trim();
            Memory.resetPeak();
            long before = Memory.resident();
            decoder.decode(body, header, reduction);
            return Memory.peak() - before;
        }
    }

    private static ImageHeader onItsSide(ImageHeader header) {
        return new ImageHeader(
                header.format(),
                header.width(),
                header.height(),
                6,
                header.hasAlpha(),
                header.sixteenBit(),
                header.gray(),
                header.firstScanEnd(),
                header.decoderBytes());
    }
}
