package dev.millrace.image;

/**
 * How much work one image may ask of a decoder.
 *
 * @param maxPixels width times height of the whole picture, 1 to 2^30 (what OpenCV decodes)
 * @param maxSide of the width and of the height in pixels, 1 to 2^20 (what OpenCV decodes)
 * @param maxJpegScans of one JPEG. Each scan may cost a pass over all samples of its components
 *     however few bytes it has, so there is a second bound that follows from {@code maxPixels}
 */
public record ImageLimits(long maxPixels, int maxSide, int maxJpegScans) {
    public static final ImageLimits DEFAULT = new ImageLimits(50_000_000, 65_535, 100);

    /**
     * Encoders write about 10 scans, most of them of one component: 16 passes over the samples of
     * three full ones. A pass over 50 million samples costs about 20 ms.
     */
    private static final int PASSES_OVER_LARGEST = 30;

    public ImageLimits {
        requireRange("maxPixels", maxPixels, 1 << 30);
        requireRange("maxSide", maxSide, 1 << 20);
        requireRange("maxJpegScans", maxJpegScans, 10_000);
    }

    /** The samples that the scans of one JPEG pass at most, each time that they do. */
    long maxScanSamples() {
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
