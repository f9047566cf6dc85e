package dev.millrace.image;

import static dev.millrace.image.ImageFormat.WEBP;

import dev.millrace.job.FailureException;
import java.util.Arrays;

/**
 * Reads the head of a lossless WebP stream (RFC 9649 3.4 to 3.7) as far as it decides what libwebp
 * allocates: the transforms, the colour cache and the groups of prefix codes. How many groups there
 * are is the largest number in an image of the stream, the entropy image, so that one is read pixel
 * by pixel; of a literal or a copy only the literal can bring a larger number, so none is kept.
 * Opacity ({@code ALPH}) is such a stream as well.
 *
 * <p>The sizes are those of libwebp 1.6, which OpenCV 4.13 brings. Used by one thread, for one
 * stream. Its time is linear in the stream.
 */
final class LosslessWebp {
    /** The bytes before the stream: signature, sides, alpha, version. */
    static final int HEADER_BYTES = 5;

    /**
     * An encoder gains nothing by groups that few pixels share: libwebp's writes 2,600 at most. A
     * group takes up to 20 KB of tables and 20 bits of the file.
     */
    static final int MAX_GROUPS = 4096;

    private static final int PREDICTOR = 0;
    private static final int CROSS_COLOUR = 1;
    private static final int SUBTRACT_GREEN = 2;

    private static final int LITERALS = 256;
    private static final int LENGTHS = 24;
    private static final int DISTANCES = 40;
    private static final int MAX_CACHE_BITS = 11;

    /** The order in which lengths of code lengths are written. */
    private static final int[] LENGTH_ORDER = {
        17, 18, 0, 1, 2, 3, 4, 5, 16, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
    };

    private static final long PIXEL_BYTES = 4;

    /** Rows of the final width that are transformed together, and the one above them. */
    private static final int CACHED_ROWS = 17;

    private static final int COLOURS = 256;

    /** libwebp's HTreeGroup. */
    private static final long GROUP_BYTES = 568;

    /** Of libwebp's entry of a decoding table. */
    private static final long ENTRY_BYTES = 4;

    /** The entries of a group's tables, by the bits of the colour cache; libwebp's kTableSize. */
    private static final int[] TABLE_ENTRIES = {
        2954, 2956, 2958, 2962, 2970, 2986, 3018, 3082, 3212, 3468, 3980, 5004
    };

    private final WebpBits bits;
    private final int[] lengths = new int[LITERALS + LENGTHS + (1 << MAX_CACHE_BITS)];
    private final PrefixCode lengthCode = new PrefixCode(LENGTH_ORDER.length);
    private final PrefixCode green = new PrefixCode(lengths.length);
    private final PrefixCode red = new PrefixCode(LITERALS);
    private final PrefixCode blue = new PrefixCode(LITERALS);
    private final PrefixCode alpha = new PrefixCode(LITERALS);
    private final PrefixCode distance = new PrefixCode(DISTANCES);

    private LosslessWebp(WebpBits bits) {
        this.bits = bits;
    }

    /**
     * What libwebp allocates for the stream from {@code from} to {@code end}, beside its result.
     *
     * @param opacity whether it is that of a lossy picture, which has a byte for each pixel where
     *     it is a palette and nothing else
     */
    static long decoderBytes(byte[] body, int from, int end, int width, int height, boolean opacity)
            throws FailureException {
        return new LosslessWebp(new WebpBits(body, from, end)).bytes(width, height, opacity);
    }

    private long bytes(int width, int height, boolean opacity) throws FailureException {
        long bytes = 0;
        int across = width;
        int seen = 0;
        boolean palette = false;
        while (bits.readFlag()) {
            int type = bits.read(2);
            if ((seen >> type & 1) != 0) {
                throw WEBP.corrupt("its pixels are transformed twice in the same way");
            }
            seen |= 1 << type;
            if (type == PREDICTOR || type == CROSS_COLOUR) {
                long tiles = tiles(across, height);
                pass(tiles, Integer.MAX_VALUE);
                bytes += PIXEL_BYTES * tiles;
            } else if (type != SUBTRACT_GREEN) {
                palette = true;
                int colours = 1 + bits.read(8);
                pass(colours, Integer.MAX_VALUE);
                bytes += PIXEL_BYTES * COLOURS;
                across = shrunk(across, colours > 16 ? 0 : colours > 4 ? 1 : colours > 2 ? 2 : 3);
            }
        }
        int cacheBits = cacheBits();
        bytes += cacheBits == 0 ? 0 : PIXEL_BYTES << cacheBits;
        int groups = 1;
        if (bits.readFlag()) {
            long tiles = tiles(across, height);
            groups += pass(tiles, MAX_GROUPS);
            // The entropy image, and the groups' new numbers where not all of them occur.
            bytes += PIXEL_BYTES * tiles + Integer.BYTES * (long) groups;
        }
        bytes += groups * (GROUP_BYTES + ENTRY_BYTES * TABLE_ENTRIES[cacheBits]);
        boolean bytewise = opacity && palette && seen == 8 && cacheBits == 0 && isGreen(groups);
        long pixels = (long) across * height;
        return bytes + (bytewise ? pixels : PIXEL_BYTES * (pixels + (long) CACHED_ROWS * width));
    }

    /** The pixels of an image that has one for each square of pixels, whose side is read first. */
    private long tiles(int width, int height) {
        int log = 2 + bits.read(3);
        return (long) shrunk(width, log) * shrunk(height, log);
    }

    private static int shrunk(int side, int log) {
        return side + (1 << log) - 1 >> log;
    }

    private int cacheBits() throws FailureException {
        if (!bits.readFlag()) {
            return 0;
        }
        int cacheBits = bits.read(4);
        if (cacheBits < 1 || cacheBits > MAX_CACHE_BITS) {
            throw WEBP.corrupt("its colour cache has " + cacheBits + " bits");
        }
        return cacheBits;
    }

    /**
     * Reads one of the images that come before the picture.
     *
     * @param most that its largest pixel must stay below
     * @return the largest of its pixels' red and green, as one number
     */
    private int pass(long pixels, int most) throws FailureException {
        int cacheBits = cacheBits();
        readGroup(cacheBits);
        boolean same = green.isTrivial() && isColourTrivial();
        int largest = 0;
        long at = 0;
        while (at < pixels) {
            int code = green.read(bits);
            if (code < LITERALS) {
                int value = red.read(bits) << 8 | code;
                blue.read(bits);
                alpha.read(bits);
                largest = Math.max(largest, value);
                // Without a bit for each pixel they would cost time and not bytes.
                at = same ? pixels : at + 1;
                if (value >= most) {
                    throw tooManyGroups(value + 1);
                }
            } else if (code < LITERALS + LENGTHS) {
                at += prefixed(code - LITERALS);
                prefixed(distance.read(bits));
            } else {
                at++;
            }
            if (bits.ended()) {
                throw cut();
            }
        }
        if (at > pixels) {
            throw WEBP.corrupt("an image in its header has more pixels than are allowed");
        }
        return largest;
    }

    /** The number that a symbol and the bits behind it stand for. */
    private int prefixed(int symbol) {
        if (symbol < 4) {
            return symbol + 1;
        }
        int more = symbol - 2 >> 1;
        return (2 + (symbol & 1) << more) + bits.read(more) + 1;
    }

    /** Whether no group needs bits for red, blue and alpha. */
    private boolean isGreen(int groups) throws FailureException {
        for (int i = 0; i < groups; i++) {
            readGroup(0);
            if (!isColourTrivial()) {
                return false;
            }
        }
        return true;
    }

    private boolean isColourTrivial() {
        return red.isTrivial() && blue.isTrivial() && alpha.isTrivial();
    }

    private void readGroup(int cacheBits) throws FailureException {
        readCode(green, LITERALS + LENGTHS + (cacheBits == 0 ? 0 : 1 << cacheBits));
        readCode(red, LITERALS);
        readCode(blue, LITERALS);
        readCode(alpha, LITERALS);
        readCode(distance, DISTANCES);
    }

    private void readCode(PrefixCode code, int symbols) throws FailureException {
        Arrays.fill(lengths, 0, Math.max(symbols, LITERALS), 0);
        boolean possible = true;
        if (bits.readFlag()) {
            boolean two = bits.readFlag();
            lengths[bits.read(bits.readFlag() ? 8 : 1)] = 1;
            if (two) {
                lengths[bits.read(8)] = 1;
            }
        } else {
            int count = 4 + bits.read(4);
            for (int i = 0; i < count; i++) {
                lengths[LENGTH_ORDER[i]] = bits.read(3);
            }
            possible =
                    count <= LENGTH_ORDER.length && lengthCode.fill(lengths, LENGTH_ORDER.length);
            Arrays.fill(lengths, 0, LENGTH_ORDER.length, 0);
            possible = possible && readLengths(symbols);
        }
        if (bits.ended()) {
            throw cut();
        }
        if (!possible || !code.fill(lengths, symbols)) {
            throw WEBP.corrupt("a prefix code in its header is impossible");
        }
    }

    private boolean readLengths(int symbols) {
        int left = bits.readFlag() ? 2 + bits.read(2 + 2 * bits.read(3)) : symbols;
        if (left > symbols) {
            return false;
        }
        int before = 8;
        for (int at = 0; at < symbols && left > 0; left--) {
            int length = lengthCode.read(bits);
            if (length <= PrefixCode.MAX_LENGTH) {
                lengths[at++] = length;
                before = length == 0 ? before : length;
                continue;
            }
            int repeat =
                    switch (length) {
                        case 16 -> 3 + bits.read(2);
                        case 17 -> 3 + bits.read(3);
                        default -> 11 + bits.read(7);
                    };
            if (repeat > symbols - at) {
                return false;
            }
            Arrays.fill(lengths, at, at + repeat, length == 16 ? before : 0);
            at += repeat;
        }
        return true;
    }

    private static FailureException tooManyGroups(int groups) {
        return WEBP.tooLarge(
                "has at least %d groups of prefix codes, but at most %d are allowed; save it with libwebp"
                        .formatted(groups, MAX_GROUPS));
    }

    private static FailureException cut() {
        return WEBP.cut("it ends inside the header of its picture");
    }
}
