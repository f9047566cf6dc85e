package dev.millrace.image;

import static dev.millrace.image.Bytes.u16be;
import static dev.millrace.image.Bytes.u16le;
import static dev.millrace.image.Bytes.u32be;
import static dev.millrace.image.Bytes.u8;

import dev.millrace.job.FailureException;

/**
 * About how long an image takes to decode, by its first bytes alone. Good enough to tell a photo of
 * the web from one that takes a hundred times as long; checks nothing.
 */
public final class DecodeCost {
    // Nanoseconds per pixel on a core of today, of photos, whose pixels are expensive.
    private static final long JPEG = 2;
    private static final long PROGRESSIVE_JPEG = 10;
    private static final long HALVED_PROGRESSIVE_JPEG = 5;
    private static final long OTHERS = 20;

    /**
     * What takes less holds up nobody. What would take more is first seen to be no bomb that the
     * gate refuses in a millisecond, and that would wait for a thread beside the ring.
     */
    public static final long MATTERS_NS = 15_000_000;

    private static final int PNG_SIDES = 16;

    private DecodeCost() {}

    /**
     * Nanoseconds; 0 where the gate will refuse the image, which it says itself.
     *
     * @param width of what the image is to become, where a progressive JPEG may do without what
     *     hardly shows; else 0
     * @param height as {@code width}
     */
    public static long nanos(byte[] body, ImageLimits limits, int width, int height) {
        try {
            return switch (Signature.formatOf(body)) {
                case JPEG -> jpeg(body, limits, width, height);
                case PNG -> png(body, limits);
                case WEBP -> webp(body, limits);
                case GIF -> gif(body, limits);
            };
        } catch (FailureException e) {
            return 0;
        }
    }

    private static long cost(long width, long height, long perPixel, ImageLimits limits) {
        boolean refused =
                width > limits.maxSide()
                        || height > limits.maxSide()
                        || width * height > limits.maxPixels();
        return refused ? 0 : width * height * perPixel;
    }

    private static long png(byte[] body, ImageLimits limits) {
        return body.length < PNG_SIDES + 8
                ? 0
                : cost(u32be(body, PNG_SIDES), u32be(body, PNG_SIDES + 4), OTHERS, limits);
    }

    private static long webp(byte[] body, ImageLimits limits) throws FailureException {
        int picture = WebpGate.checkedPicture(body);
        long nanos =
                cost(WebpGate.width(body, picture), WebpGate.height(body, picture), OTHERS, limits);
        if (nanos > MATTERS_NS) {
            WebpGate.inspect(body, limits);
        }
        return nanos;
    }

    private static long gif(byte[] body, ImageLimits limits) throws FailureException {
        if (body.length < GifGate.SCREEN_BYTES) {
            return 0;
        }
        long nanos = cost(u16le(body, 6), u16le(body, 8), OTHERS, limits);
        if (nanos > MATTERS_NS) {
            GifGate.inspect(body, limits);
        }
        return nanos;
    }

    /** Of one that is decoded to a part of its sides: scans are left out, most at a quarter. */
    private static long progressive(int times) {
        if (times < 2) {
            return PROGRESSIVE_JPEG;
        }
        return times < 4 ? HALVED_PROGRESSIVE_JPEG : JPEG;
    }

    /** Looks for the frame, which lies before the first scan. */
    private static long jpeg(byte[] body, ImageLimits limits, int width, int height) {
        int at = 2;
        while (true) {
            int codeAt = JpegMarkers.code(body, at);
            if (codeAt < 0 || codeAt + 8 >= body.length) {
                return 0;
            }
            int code = u8(body, codeAt);
            int segment = codeAt + 1;
            if (code >= JpegMarkers.SOF0 && code <= JpegMarkers.SOF2) {
                int across = JpegFrame.width(body, segment);
                int down = JpegFrame.height(body, segment);
                boolean progressive = code == JpegMarkers.SOF2;
                int times = width == 0 ? 1 : Math.min(across / width, down / height);
                return cost(across, down, progressive ? progressive(times) : JPEG, limits);
            }
            if (code == JpegMarkers.SOS) {
                return 0;
            }
            at = segment + u16be(body, segment);
        }
    }
}
