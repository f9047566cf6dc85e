package dev.millrace.image;

import dev.millrace.api.ImageInfo;

/**
 * What {@link ImageGate} read of an image without decoding it.
 *
 * @param width in pixels as stored, before {@code orientation} is applied; of a GIF the canvas
 * @param height in pixels as stored, before {@code orientation} is applied; of a GIF the canvas
 * @param orientation as EXIF counts it, 1..8; 1 where there is none or it is broken
 * @param hasAlpha whether pixels of the (first) picture may be transparent
 * @param sixteenBit whether the samples have 16 bits
 * @param gray whether there is no colour
 * @param firstScanEnd of a JPEG: the byte at which its first scan ends, so that this is sought only
 *     once; else 0
 * @param decoderBytes what the native decoder allocates at most beside its result, at any scale:
 *     the coefficients of a JPEG of several scans, the canvas and the codes of a GIF, the pixels
 *     and the groups of prefix codes of a lossless WebP
 */
public record ImageHeader(
        ImageFormat format,
        int width,
        int height,
        int orientation,
        boolean hasAlpha,
        boolean sixteenBit,
        boolean gray,
        int firstScanEnd,
        long decoderBytes) {
    /** Of another format than JPEG. */
    ImageHeader(
            ImageFormat format,
            int width,
            int height,
            int orientation,
            boolean hasAlpha,
            boolean sixteenBit,
            boolean gray,
            long decoderBytes) {
        this(format, width, height, orientation, hasAlpha, sixteenBit, gray, 0, decoderBytes);
    }

    /** The width once the picture stands upright. */
    public int uprightWidth() {
        return orientation < 5 ? width : height;
    }

    /** The height once the picture stands upright. */
    public int uprightHeight() {
        return orientation < 5 ? height : width;
    }

    /**
     * What a module and the result learn of the image.
     *
     * @param bytes the encoded size
     */
    public ImageInfo info(long bytes) {
        return new ImageInfo(uprightWidth(), uprightHeight(), format.wireName(), bytes);
    }
}
