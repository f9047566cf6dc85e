package dev.millrace.image;

import static dev.millrace.image.Bytes.u8;
import static dev.millrace.image.ImageFormat.GIF;

import dev.millrace.job.FailureException;

/**
 * Reads the codes of a GIF's frame for what OpenCV's table of them takes. An entry of it is a
 * vector with all of the entry's pixels, so a frame of one colour has a table of 17 MB and a photo
 * one of half a megabyte. Used by one thread; its time is linear in the frame's bytes.
 */
final class GifTable {
    private static final int MAX_BITS = 12;
    private static final int MAX_ENTRIES = 1 << MAX_BITS;

    /** Of an entry itself, for each that there may be. */
    private static final long ENTRY_BYTES = 32;

    /** What the allocator takes for the shortest vector, and beside a longer one. */
    private static final long MIN_BYTES = 32;

    private static final long HEADER_BYTES = 16;

    /**
     * How often the table may be emptied, which takes OpenCV 8 µs each time, as long as 400 pixels
     * and more. Encoders empty a full table, and those that do not compress one of 128 codes: so
     * often for any picture, once more for so many pixels, and never more than the most.
     */
    private static final int ALWAYS = 256;

    private static final int PIXELS_EACH = 64;
    private static final int MOST_EMPTIED = 10_000;

    private final int[] lengths = new int[MAX_ENTRIES + 1];
    private final int clear;
    private int bits;
    private int entries;
    private long bytes;
    private long most;
    private long left;
    private int emptied;

    private GifTable(int codeBits, long pixels) {
        this.clear = 1 << codeBits;
        this.left = pixels;
        empty(codeBits);
    }

    /**
     * The most bytes that the table takes at once; refuses a frame that empties it without end.
     *
     * @param data where the frame's bits of a code are, with blocks behind them that end
     * @param pixels of the frame
     */
    static long bytes(byte[] body, int data, long pixels) throws FailureException {
        int codeBits = u8(body, data);
        GifTable table = new GifTable(codeBits, pixels);
        table.read(body, data + 1, codeBits);
        return ENTRY_BYTES * MAX_ENTRIES + Math.max(table.most, table.bytes);
    }

    private void read(byte[] body, int from, int codeBits) throws FailureException {
        long limit = Math.min(MOST_EMPTIED, ALWAYS + left / PIXELS_EACH);
        int at = from;
        int held = 0;
        int count = 0;
        for (int block = u8(body, at++); block != 0; block = u8(body, at++)) {
            for (int end = at + block; at < end; at++) {
                held |= u8(body, at) << count;
                count += Byte.SIZE;
                while (count >= bits) {
                    int code = held & (1 << bits) - 1;
                    held >>>= bits;
                    count -= bits;
                    if (code == clear || code == clear + 1) {
                        empty(codeBits);
                        if (++emptied > limit) {
                            throw GIF.tooLarge(
                                    "has more than %d codes that empty the table of codes; save it again"
                                            .formatted(limit));
                        }
                    } else if (!take(code)) {
                        return;
                    }
                }
            }
        }
    }

    private void empty(int codeBits) {
        most = Math.max(most, bytes);
        bytes = 0;
        bits = codeBits + 1;
        entries = clear + 1;
    }

    /** Whether the decoder goes on after this code. */
    private boolean take(int code) {
        if (code > entries || left <= 0) {
            return false;
        }
        if (entries < MAX_ENTRIES) {
            int length = code < clear ? 1 : lengths[code];
            lengths[++entries] = length + 1;
            // A vector that is copied and then grows by one has twice the room.
            bytes += Math.max(MIN_BYTES, HEADER_BYTES + 2L * length);
        }
        left -= code < clear ? 1 : lengths[code];
        if (entries == 1 << bits && bits < MAX_BITS) {
            bits++;
        }
        return true;
    }
}
