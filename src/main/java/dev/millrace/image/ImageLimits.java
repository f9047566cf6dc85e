package dev.millrace.image;

/**
 * How much work one image may ask of a decoder.
 *
 * @param maxPixels width times height of the whole picture, 1 to 2^30 (what OpenCV decodes)
 * @param maxSide of the width and of the height in pixels, 1 to 2^20 (what OpenCV decodes)
 * @param maxJpegScans of one JPEG. Each scan may cost a pass over all pixels however few bytes it
 *     has, so there is a second bound that follows from {@code maxPixels}: see {@link
 *     #maxScanPixels}
 */
public record ImageLimits(long maxPixels, int maxSide, int maxJpegScans) {
    public static final ImageLimits DEFAULT = new ImageLimits(50_000_000, 65_535, 100);

    /**
     * Encoders write about 10 scans. A pass over 50 MP costs about 40 ms, so 20 of them over the
     * largest picture stay under a second.
     */
    private static final int PASSES_OVER_LARGEST = 20;

    public ImageLimits {
        requireRange("maxPixels", maxPixels, 1 << 30);
        requireRange("maxSide", maxSide, 1 << 20);
        requireRange("maxJpegScans", maxJpegScans, 10_000);
    }

    /** Scans times pixels of one JPEG at most. */
    public long maxScanPixels() {
        return PASSES_OVER_LARGEST * maxPixels;
    }

    private static void requireRange(String name, long value, long most) {
        if (value < 1 || value > most) {
            throw new IllegalArgumentException(
                    "image limit "
                            + name
                            + " is "
                            + value
                            + "; set it to a number from 1 to "
                            + most);
        }
    }
}
