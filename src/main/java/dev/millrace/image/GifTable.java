package dev.millrace.image;

import static dev.millrace.image.Bytes.u8;

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

    private final int[] lengths = new int[MAX_ENTRIES + 1];
    private final int clear;
    private int bits;
    private int entries;
    private long bytes;
    private long most;
    private long left;

    private GifTable(int codeBits, long pixels) {
        this.clear = 1 << codeBits;
        this.left = pixels;
        empty(codeBits);
    }

    /**
     * The most bytes that the table takes at once.
     *
     * @param data where the frame's bits of a code are, with blocks behind them that end
     * @param pixels of the frame
     */
    static long bytes(byte[] body, int data, long pixels) {
        int codeBits = u8(body, data);
        GifTable table = new GifTable(codeBits, pixels);
        table.read(body, data + 1, codeBits);
        return ENTRY_BYTES * MAX_ENTRIES + Math.max(table.most, table.bytes);
    }

    private void read(byte[] body, int from, int codeBits) {
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
