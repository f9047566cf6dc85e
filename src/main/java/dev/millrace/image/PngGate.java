package dev.millrace.image;

import static dev.millrace.image.Bytes.match;
import static dev.millrace.image.Bytes.u32be;
import static dev.millrace.image.Bytes.u8;
import static dev.millrace.image.ImageFormat.PNG;

import dev.millrace.job.FailureException;

/**
 * Walks the chunks of a PNG: length (4), type (4), data, checksum (4). Checksums are left to
 * libpng. A file that ends between two chunks passes without its end chunk, since libpng reports
 * pixels that are missing.
 */
final class PngGate {
    static final int SIGNATURE_BYTES = 8;
    static final int CHUNK_BYTES = 12;
    private static final int HEADER_BYTES = 13;

    /** Where the header's data lies. */
    private static final int HEADER = SIGNATURE_BYTES + 8;

    private static final int GRAY = 0;
    private static final int RGB = 2;
    private static final int PALETTE = 3;
    private static final int GRAY_ALPHA = 4;
    private static final int RGBA = 6;

    /** Deflate codes 258 bytes with two bits at best. */
    private static final int MAX_DEFLATE_RATIO = 1032;

    /**
     * What compressed pixels may take beside their own bytes: encoders store what they cannot
     * compress, in blocks that begin anew with each row at most. Blocks without pixels cost a
     * decoder more than pixels do.
     */
    private static final int SPARE_PART = 8;

    private static final int SPARE_ROW_BYTES = 16;
    private static final int SPARE_BYTES = 1 << 16;

    /** Of a pixel in the result. */
    private static final long MIN_PIXEL_BYTES = 3;

    private PngGate() {}

    static ImageHeader inspect(byte[] body, ImageLimits limits) throws FailureException {
        checkHeader(body, limits);
        int colours = 0;
        boolean transparent = false;
        int orientation = 1;
        int zlib = 0;
        long dataBytes = 0;
        int firstData = 0;
        boolean dataStarted = false;
        boolean dataEnded = false;
        int at = HEADER + HEADER_BYTES + 4;
        while (at < body.length) {
            int left = body.length - at - CHUNK_BYTES;
            if (left < 0) {
                throw PNG.cut("its last chunk at byte " + at + " has no end");
            }
            long declared = u32be(body, at);
            if (declared > left) {
                throw PNG.cut(
                        "chunk %s at byte %d needs %d bytes, but only %d are left"
                                .formatted(Bytes.name(body, at + 4), at, declared, left));
            }
            int length = (int) declared;
            int data = at + 8;
            if (match(body, at + 4, "IDAT")) {
                if (dataEnded) {
                    throw PNG.corrupt("other chunks stand between those of its pixels");
                }
                for (int i = 0; i < length && dataBytes + i < 2; i++) {
                    zlib = zlib << 8 | u8(body, data + i);
                }
                firstData = dataStarted ? firstData : length;
                dataStarted = true;
                dataBytes += length;
            } else {
                dataEnded = dataStarted;
                if (match(body, at + 4, "IEND")) {
                    break;
                } else if (match(body, at + 4, "PLTE")) {
                    if (colours != 0
                            || dataEnded
                            || length == 0
                            || length % 3 != 0
                            || length > 768) {
                        throw PNG.corrupt("the palette at byte " + at + " is impossible");
                    }
                    colours = length / 3;
                } else if (isTransparency(body, at, colours)) {
                    transparent |= !dataEnded;
                } else if (match(body, at + 4, "eXIf")) {
                    orientation = Exif.orientation(body, data, data + length);
                } else if (!isAncillary(body, at)) {
                    throw PNG.corrupt(
                            "chunk %s at byte %d is unknown"
                                    .formatted(Bytes.name(body, at + 4), at));
                }
            }
            at = data + length + 4;
        }
        int type = colourType(body);
        if (type == PALETTE && colours == 0) {
            throw PNG.corrupt("it has no palette");
        }
        checkData(body, dataBytes, zlib);
        return new ImageHeader(
                PNG,
                (int) u32be(body, HEADER),
                (int) u32be(body, HEADER + 4),
                orientation,
                transparent || type == GRAY_ALPHA || type == RGBA,
                bits(body) == 16,
                isGray(body),
                decoderBytes(body, firstData));
    }

    /**
     * OpenCV copies the first chunk of pixels before there is memory for their result, which mostly
     * takes more; libpng then has two rows.
     */
    private static long decoderBytes(byte[] body, int firstData) {
        long pixels = u32be(body, HEADER) * u32be(body, HEADER + 4);
        return Math.max(2 * rowBytes(body), firstData - MIN_PIXEL_BYTES * pixels);
    }

    private static int bits(byte[] body) {
        return u8(body, HEADER + 8);
    }

    private static int colourType(byte[] body) {
        return u8(body, HEADER + 9);
    }

    /** Whether the header says that there are no colours, and thus no palette. */
    static boolean isGray(byte[] body) {
        int type = colourType(body);
        return type == GRAY || type == GRAY_ALPHA;
    }

    private static void checkHeader(byte[] body, ImageLimits limits) throws FailureException {
        if (body.length < HEADER + HEADER_BYTES + 4) {
            throw PNG.cut("it ends inside its header");
        }
        if (u32be(body, SIGNATURE_BYTES) != HEADER_BYTES || !match(body, HEADER - 4, "IHDR")) {
            throw PNG.corrupt("it does not start with its header");
        }
        PNG.checkSize(u32be(body, HEADER), u32be(body, HEADER + 4), limits);
        int bits = bits(body);
        boolean possible =
                switch (colourType(body)) {
                    case GRAY -> bits == 1 || bits == 2 || bits == 4 || bits == 8 || bits == 16;
                    case PALETTE -> bits == 1 || bits == 2 || bits == 4 || bits == 8;
                    case RGB, GRAY_ALPHA, RGBA -> bits == 8 || bits == 16;
                    default -> false;
                };
        if (!possible) {
            throw PNG.corrupt(
                    "its header has %d bits for colour type %d, which PNG does not allow"
                            .formatted(bits, colourType(body)));
        }
        int compression = u8(body, HEADER + 10);
        int filter = u8(body, HEADER + 11);
        int interlace = u8(body, HEADER + 12);
        if (compression != 0 || filter != 0 || interlace > 1) {
            throw PNG.corrupt(
                    "its header has compression %d, filter %d and interlace %d, which PNG does not allow"
                            .formatted(compression, filter, interlace));
        }
    }

    /**
     * Whether the chunk at {@code at} says which colours are transparent, in the form that this
     * colour type has; libpng ignores other forms.
     *
     * @param colours of the palette so far
     */
    static boolean isTransparency(byte[] body, int at, int colours) {
        long length = u32be(body, at);
        return match(body, at + 4, "tRNS")
                && switch (colourType(body)) {
                    case GRAY -> length == 2;
                    case RGB -> length == 6;
                    case PALETTE -> length >= 1 && length <= colours;
                    default -> false;
                };
    }

    /** Whether decoders may skip a chunk: its first letter is small (PNG 5.4). */
    private static boolean isAncillary(byte[] body, int at) {
        return body[at + 4] >= 'a' && body[at + 4] <= 'z';
    }

    /** The pixels must start as a zlib stream (RFC 1950) and be long enough for the picture. */
    private static void checkData(byte[] body, long dataBytes, int zlib) throws FailureException {
        if (dataBytes == 0) {
            throw PNG.corrupt("it has no pixels (no IDAT)");
        }
        boolean deflate = (zlib >> 8 & 15) == 8 && zlib >> 12 <= 7;
        boolean preset = (zlib & 0x20) != 0;
        if (dataBytes < 2 || !deflate || preset || zlib % 31 != 0) {
            throw PNG.corrupt("its pixels are not a zlib stream");
        }
        long pixels = u32be(body, HEADER + 4) * rowBytes(body);
        if (dataBytes * MAX_DEFLATE_RATIO < pixels) {
            throw PNG.cut(
                    "its data of %d bytes cannot hold %d bytes of pixels"
                            .formatted(dataBytes, pixels));
        }
        long rows = SPARE_ROW_BYTES * u32be(body, HEADER + 4);
        if (dataBytes > pixels + pixels / SPARE_PART + rows + SPARE_BYTES) {
            throw PNG.corrupt(
                    "its data of %d bytes is more than its pixels of %d bytes can need"
                            .formatted(dataBytes, pixels));
        }
    }

    /** Of a row of pixels, with the byte that says how they are filtered. */
    private static long rowBytes(byte[] body) {
        int channels =
                switch (colourType(body)) {
                    case RGB -> 3;
                    case GRAY_ALPHA -> 2;
                    case RGBA -> 4;
                    default -> 1;
                };
        return 1 + Math.ceilDiv(u32be(body, HEADER) * bits(body) * channels, 8L);
    }
}
