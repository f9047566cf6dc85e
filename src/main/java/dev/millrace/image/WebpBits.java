package dev.millrace.image;

import static dev.millrace.image.Bytes.u8;

/**
 * Reads the bits of a lossless WebP, the lowest of each byte first. Behind its end it reads zeros
 * and says so. Used by one thread.
 */
final class WebpBits {
    private final byte[] body;
    private final int end;
    private int at;
    private long held;
    private int count;

    /** Of the bytes from {@code from} to {@code end}. */
    WebpBits(byte[] body, int from, int end) {
        this.body = body;
        this.at = from;
        this.end = end;
    }

    /**
     * The next bits as a number.
     *
     * @param bits at most 24
     */
    int read(int bits) {
        int value = peek(bits) & (1 << bits) - 1;
        skip(bits);
        return value;
    }

    /** The next bits, which stay, and others above them. */
    int peek(int bits) {
        while (count < bits) {
            if (at < end) {
                held |= (long) u8(body, at) << count;
            }
            at++;
            count += Byte.SIZE;
        }
        return (int) held;
    }

    /** Goes on behind bits that were peeked at. */
    void skip(int bits) {
        held >>>= bits;
        count -= bits;
    }

    boolean readFlag() {
        return read(1) != 0;
    }

    /** Whether bits were read that are not there. */
    boolean ended() {
        return (long) Byte.SIZE * (at - end) > count;
    }
}
