package dev.millrace.image;

import java.util.Arrays;

/**
 * One prefix code of a lossless WebP (RFC 9649 3.7.2): bits to symbols, by the lengths of the
 * symbols' codes. Used by one thread, which fills it again and again.
 */
final class PrefixCode {
    static final int MAX_LENGTH = 15;

    /** Codes of so many bits are looked up, longer ones counted through. */
    private static final int TABLE_BITS = 8;

    /** Where a symbol stands in an entry of the table, above the length of its code. */
    private static final int SYMBOL_SHIFT = 4;

    private final int[] table = new int[1 << TABLE_BITS];
    private final int[] count = new int[MAX_LENGTH + 1];
    private final int[] next = new int[MAX_LENGTH + 1];
    private final int[] symbols;
    private int only;

    /**
     * @param symbols it may have at most
     */
    PrefixCode(int symbols) {
        this.symbols = new int[symbols];
    }

    /**
     * Takes the code that these lengths make.
     *
     * @param lengths of the first {@code size} symbols' codes, 0 for those that do not occur
     * @return whether they make one: each sequence of bits is one symbol, or there is one symbol
     *     that takes no bits
     */
    boolean fill(int[] lengths, int size) {
        Arrays.fill(count, 0);
        for (int symbol = 0; symbol < size; symbol++) {
            count[lengths[symbol]]++;
        }
        int used = size - count[0];
        count[0] = 0;
        int open = 1;
        for (int length = 1; length <= MAX_LENGTH; length++) {
            open = 2 * open - count[length];
            if (open < 0) {
                return false;
            }
        }
        if (used == 0 || used > 1 && open != 0) {
            return false;
        }
        sort(lengths, size);
        only = used == 1 ? symbols[0] : -1;
        if (used > 1) {
            fillTable();
        }
        return true;
    }

    /** By length, and by symbol where the lengths are the same. */
    private void sort(int[] lengths, int size) {
        int at = 0;
        for (int length = 1; length <= MAX_LENGTH; length++) {
            next[length] = at;
            at += count[length];
        }
        for (int symbol = 0; symbol < size; symbol++) {
            if (lengths[symbol] != 0) {
                symbols[next[lengths[symbol]]++] = symbol;
            }
        }
    }

    private void fillTable() {
        Arrays.fill(table, 0);
        int code = 0;
        int at = 0;
        for (int length = 1; length <= TABLE_BITS; length++) {
            for (int end = at + count[length]; at < end; at++) {
                // The first bit that is read is the highest of the code.
                int from = Integer.reverse(code++) >>> Integer.SIZE - length;
                for (int i = from; i < table.length; i += 1 << length) {
                    table[i] = symbols[at] << SYMBOL_SHIFT | length;
                }
            }
            code <<= 1;
        }
    }

    /** Whether there is one symbol only, which takes no bits. */
    boolean isTrivial() {
        return only >= 0;
    }

    int read(WebpBits bits) {
        if (only >= 0) {
            return only;
        }
        int ahead = bits.peek(MAX_LENGTH);
        int entry = table[ahead & table.length - 1];
        if (entry != 0) {
            bits.skip(entry & (1 << SYMBOL_SHIFT) - 1);
            return entry >> SYMBOL_SHIFT;
        }
        return readLong(bits, ahead);
    }

    private int readLong(WebpBits bits, int next) {
        int ahead = next;
        int code = 0;
        int first = 0;
        int at = 0;
        for (int length = 1; length <= MAX_LENGTH; length++) {
            code |= ahead & 1;
            ahead >>>= 1;
            int here = count[length];
            if (code - first < here) {
                bits.skip(length);
                return symbols[at + code - first];
            }
            at += here;
            first = first + here << 1;
            code <<= 1;
        }
        throw new IllegalStateException("a prefix code has no end");
    }
}
