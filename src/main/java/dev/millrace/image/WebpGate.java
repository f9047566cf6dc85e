package dev.millrace.image;

import static dev.millrace.image.Bytes.match;
import static dev.millrace.image.Bytes.u16le;
import static dev.millrace.image.Bytes.u24le;
import static dev.millrace.image.Bytes.u32le;
import static dev.millrace.image.Bytes.u8;
import static dev.millrace.image.ImageFormat.WEBP;

import dev.millrace.job.FailureException;

/**
 * Walks the chunks of a WebP: type (4), length (4), data, a byte of padding where the length is
 * odd. Of an animation the first frame is read, which must cover the canvas, as encoders write it;
 * {@link Sanitizer} makes a still picture of it.
 */
final class WebpGate {
    /** {@code RIFF}, length, {@code WEBP}. */
    static final int RIFF_BYTES = 12;

    static final int CHUNK_BYTES = 8;

    private static final int ANIMATED = 0x02;
    private static final int FRAME_BYTES = 16;

    /**
     * What libwebp's decoder of lossy pictures keeps for each pixel of a row: 2 KB for the 16 of a
     * block, for its rows and for what it knows of the blocks.
     */
    private static final long LOSSY_ROW_BYTES = 128;

    /** Of a lossy picture's pixel: its opacity, twice. */
    private static final long OPACITY_BYTES = 2;

    /** Opacity that is compressed, by the lowest bits of its first byte. */
    private static final int COMPRESSED = 1;

    private WebpGate() {}

    /** The chunk of the (first) picture of a body whose chunks are whole and possible. */
    static int checkedPicture(byte[] body) throws FailureException {
        if (body.length < RIFF_BYTES + CHUNK_BYTES) {
            throw WEBP.cut("it ends inside its header");
        }
        long declared = u32le(body, 4);
        if (declared > body.length - 8) {
            throw WEBP.cut("it declares %d bytes but has %d".formatted(declared + 8, body.length));
        }
        if (declared < RIFF_BYTES + CHUNK_BYTES - 8) {
            throw WEBP.corrupt("it declares only " + (declared + 8) + " bytes");
        }
        int end = end(body);
        checkChunks(body, RIFF_BYTES, end);
        if (isAnimated(body)) {
            checkFrame(body, end);
        }
        int picture = picture(body);
        if (picture < 0) {
            throw WEBP.corrupt("it has no picture");
        }
        if (isLossless(body, picture)) {
            checkLossless(body, picture);
        } else {
            checkLossy(body, picture);
        }
        return picture;
    }

    static ImageHeader inspect(byte[] body, ImageLimits limits) throws FailureException {
        int picture = checkedPicture(body);
        boolean extended = isExtended(body);
        boolean lossless = isLossless(body, picture);
        int width = width(body, picture);
        int height = height(body, picture);
        WEBP.checkSize(width, height, limits);
        if (extended && (canvasWidth(body) != width || canvasHeight(body) != height)) {
            throw WEBP.corrupt(
                    "its canvas is %d x %d but its picture is %d x %d"
                            .formatted(canvasWidth(body), canvasHeight(body), width, height));
        }
        int exif = extended ? find(body, RIFF_BYTES, end(body), "EXIF") : -1;
        return new ImageHeader(
                WEBP,
                width,
                height,
                exif < 0 ? 1 : Exif.orientation(body, exif + CHUNK_BYTES, dataEnd(body, exif)),
                lossless
                        ? (body[picture + CHUNK_BYTES + 4] & 0x10) != 0
                        : alpha(body, picture) >= 0,
                false,
                false,
                decoderBytes(body, picture, width, height));
    }

    /** Where the file ends by its own account; what follows is no part of it. */
    static int end(byte[] body) {
        return 8 + (int) u32le(body, 4);
    }

    private static boolean isExtended(byte[] body) {
        return match(body, RIFF_BYTES, "VP8X");
    }

    private static boolean isAnimated(byte[] body) {
        return isExtended(body) && (body[RIFF_BYTES + CHUNK_BYTES] & ANIMATED) != 0;
    }

    // VP8X: flags (1), reserved (3), width - 1 (3), height - 1 (3).

    private static int canvasWidth(byte[] body) {
        return 1 + u24le(body, RIFF_BYTES + CHUNK_BYTES + 4);
    }

    private static int canvasHeight(byte[] body) {
        return 1 + u24le(body, RIFF_BYTES + CHUNK_BYTES + 7);
    }

    /** Where the data of the chunk at {@code at} ends. */
    static int dataEnd(byte[] body, int at) {
        return at + CHUNK_BYTES + (int) u32le(body, at + 4);
    }

    private static void checkChunks(byte[] body, int from, int to) throws FailureException {
        int at = from;
        while (at < to) {
            int left = to - at - CHUNK_BYTES;
            if (left < 0) {
                throw WEBP.cut("its last chunk at byte " + at + " has no end");
            }
            long length = u32le(body, at + 4);
            if (length > left) {
                throw WEBP.cut(
                        "chunk %s at byte %d needs %d bytes, but only %d are left"
                                .formatted(Bytes.name(body, at), at, length, left));
            }
            if (match(body, at, "VP8X") && (at != RIFF_BYTES || length < 10)) {
                throw WEBP.corrupt("the header at byte " + at + " is impossible");
            }
            at = dataEnd(body, at);
            at += at & 1;
        }
    }

    /** The first chunk of this type in a range that {@link #checkChunks} passed, or -1. */
    private static int find(byte[] body, int from, int to, String type) {
        int at = from;
        while (at < to) {
            if (match(body, at, type)) {
                return at;
            }
            at = dataEnd(body, at);
            at += at & 1;
        }
        return -1;
    }

    /**
     * An animation's frame: x / 2, y / 2, width - 1, height - 1, duration (3 each), flags (1), then
     * the chunks of a picture.
     */
    private static void checkFrame(byte[] body, int end) throws FailureException {
        int frame = find(body, RIFF_BYTES, end, "ANMF");
        if (frame < 0 || u32le(body, frame + 4) < FRAME_BYTES) {
            throw WEBP.corrupt("its animation has no frame");
        }
        int data = frame + CHUNK_BYTES;
        checkChunks(body, data + FRAME_BYTES, dataEnd(body, frame));
        if (u24le(body, data) != 0
                || u24le(body, data + 3) != 0
                || 1 + u24le(body, data + 6) != canvasWidth(body)
                || 1 + u24le(body, data + 9) != canvasHeight(body)) {
            throw ImageFormat.unsupported(
                    "the WebP is an animation whose first frame does not cover the canvas; send a still picture");
        }
    }

    /** The chunk of the (first) picture, {@code 'VP8 '} or {@code VP8L}, or -1. */
    static int picture(byte[] body) {
        int from = pictureRange(body);
        int to = isAnimated(body) ? dataEnd(body, from - FRAME_BYTES - CHUNK_BYTES) : end(body);
        int lossy = find(body, from, to, "VP8 ");
        int lossless = find(body, from, to, "VP8L");
        return lossy < 0 || lossless >= 0 && lossless < lossy ? lossless : lossy;
    }

    /** The chunk of the transparency that goes with a lossy picture, or -1. */
    static int alpha(byte[] body, int picture) {
        return isExtended(body) ? find(body, pictureRange(body), picture, "ALPH") : -1;
    }

    private static int pictureRange(byte[] body) {
        return isAnimated(body)
                ? find(body, RIFF_BYTES, end(body), "ANMF") + CHUNK_BYTES + FRAME_BYTES
                : RIFF_BYTES;
    }

    static boolean isLossless(byte[] body, int picture) {
        return match(body, picture, "VP8L");
    }

    /** RFC 6386 9.1: a key frame that is shown and whose first partition lies inside. */
    private static void checkLossy(byte[] body, int picture) throws FailureException {
        int data = picture + CHUNK_BYTES;
        int length = dataEnd(body, picture) - data;
        if (length < 10 || !match(body, data + 3, "\u009D\1*")) {
            throw WEBP.corrupt("its picture has no header");
        }
        int tag = u24le(body, data);
        if ((tag & 1) != 0 || (tag & 0x10) == 0 || tag >> 5 >= length) {
            throw WEBP.corrupt("its picture has an impossible header");
        }
    }

    /**
     * RFC 9649 3.4: signature (8 bits), width - 1, height - 1 (14 each), alpha (1), version (3).
     */
    private static void checkLossless(byte[] body, int picture) throws FailureException {
        int data = picture + CHUNK_BYTES;
        if (dataEnd(body, picture) - data < 5
                || body[data] != 0x2F
                || u8(body, data + 4) >> 5 != 0) {
            throw WEBP.corrupt("its picture has no header");
        }
    }

    private static long decoderBytes(byte[] body, int picture, int width, int height)
            throws FailureException {
        if (isLossless(body, picture)) {
            int stream = picture + CHUNK_BYTES + LosslessWebp.HEADER_BYTES;
            return LosslessWebp.decoderBytes(
                    body, stream, dataEnd(body, picture), width, height, false);
        }
        long rows = LOSSY_ROW_BYTES * width;
        int alpha = alpha(body, picture);
        if (alpha < 0) {
            return rows;
        }
        int data = alpha + CHUNK_BYTES;
        int end = dataEnd(body, alpha);
        boolean compressed = data < end && (body[data] & 3) == COMPRESSED;
        return rows
                + OPACITY_BYTES * width * height
                + (compressed
                        ? LosslessWebp.decoderBytes(body, data + 1, end, width, height, true)
                        : 0);
    }

    static int width(byte[] body, int picture) {
        int data = picture + CHUNK_BYTES;
        return isLossless(body, picture)
                ? 1 + (u16le(body, data + 1) & 0x3FFF)
                : u16le(body, data + 6) & 0x3FFF;
    }

    static int height(byte[] body, int picture) {
        int data = picture + CHUNK_BYTES;
        return isLossless(body, picture)
                ? 1 + (u24le(body, data + 2) >> 6 & 0x3FFF)
                : u16le(body, data + 8) & 0x3FFF;
    }
}
