package dev.millrace.testing;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.IntPointer;
import org.bytedeco.opencv.global.opencv_core;
import org.bytedeco.opencv.global.opencv_imgcodecs;
import org.bytedeco.opencv.opencv_core.Mat;
import org.bytedeco.opencv.opencv_core.Scalar;

/**
 * WebPs of one colour with as many groups of prefix codes as one likes: each takes 36 bits of the
 * file, and of the decoder 12 to 20 KB.
 */
public final class WebpBombs {
    private static final int SIGNATURE = 0x2F;

    /** A code of one symbol, 0, that takes no bits. */
    private static final int ONE_SYMBOL = 1;

    private WebpBombs() {}

    /**
     * A lossless picture.
     *
     * @param log of the side of the squares that name a group, 2 to 9
     * @param groups at most 65,536; the squares name them in turn
     * @param cacheBits of the colour cache, 0 to 11
     */
    public static byte[] lossless(int width, int height, int log, int groups, int cacheBits) {
        BitWriter bits = new BitWriter();
        bits.put(SIGNATURE, 8);
        bits.put(width - 1, 14);
        bits.put(height - 1, 14);
        bits.put(0, 4);
        stream(bits, width, height, log, groups, cacheBits);
        return riff(chunk("VP8L", bits.bytes()));
    }

    /** A lossy picture whose opacity is such a stream. */
    public static byte[] opacity(int width, int height, int log, int groups, int cacheBits) {
        BitWriter bits = new BitWriter();
        // Compressed, not filtered.
        bits.put(1, 8);
        stream(bits, width, height, log, groups, cacheBits);
        byte[] lossy = lossy(width, height);
        return riff(
                canvas(0x10, width, height),
                chunk("ALPH", bits.bytes()),
                Arrays.copyOfRange(lossy, 12, lossy.length));
    }

    private static void stream(
            BitWriter bits, int width, int height, int log, int groups, int cacheBits) {
        // No transform.
        bits.put(0, 1);
        bits.put(cacheBits == 0 ? 0 : 1 | cacheBits << 1, cacheBits == 0 ? 1 : 5);
        bits.put(1, 1);
        bits.put(log - 2, 3);
        // The image of the groups' numbers: no cache; green and red of 8 bits each, the rest of
        // none.
        bits.put(0, 1);
        eightBits(bits, true);
        eightBits(bits, false);
        for (int i = 0; i < 3; i++) {
            bits.put(ONE_SYMBOL, 4);
        }
        int squares = Math.ceilDiv(width, 1 << log) * Math.ceilDiv(height, 1 << log);
        for (int i = 0; i < squares; i++) {
            int group = i % groups;
            bits.put(Integer.reverse(group & 0xFF) >>> 24, 8);
            bits.put(Integer.reverse(group >> 8) >>> 24, 8);
        }
        for (int i = 0; i < 5 * groups; i++) {
            bits.put(ONE_SYMBOL, 4);
        }
    }

    /** The code that gives each of 256 symbols 8 bits, and the others of green none. */
    private static void eightBits(BitWriter bits, boolean green) {
        bits.put(0, 1);
        // Of the lengths of lengths, in their order, the twelfth: that of 8.
        bits.put(8, 4);
        bits.put(0, 3 * 11);
        bits.put(1, 3);
        bits.put(green ? 1 : 0, 1);
        if (green) {
            bits.put(3, 3);
            bits.put(256 - 2, 8);
        }
    }

    private static byte[] lossy(int width, int height) {
        try (Mat black = new Mat(height, width, opencv_core.CV_8UC3, Scalar.all(0));
                BytePointer encoded = new BytePointer();
                IntPointer quality = new IntPointer(opencv_imgcodecs.IMWRITE_WEBP_QUALITY, 50)) {
            opencv_imgcodecs.imencode(".webp", black, encoded, quality);
            byte[] body = new byte[(int) encoded.limit()];
            encoded.get(body);
            return body;
        }
    }

    /** What says how large an extended picture is. */
    static byte[] canvas(int flags, int width, int height) {
        byte[] canvas =
                ByteBuffer.allocate(14)
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .putInt(flags)
                        .putInt(width - 1)
                        .putInt(7, height - 1)
                        .array();
        return chunk("VP8X", Arrays.copyOf(canvas, 10));
    }

    static byte[] riff(byte[]... chunks) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        all.writeBytes("WEBP".getBytes(StandardCharsets.ISO_8859_1));
        for (byte[] chunk : chunks) {
            all.writeBytes(chunk);
        }
        return chunk("RIFF", all.toByteArray());
    }

    static byte[] chunk(String type, byte[] data) {
        return ByteBuffer.allocate(8 + data.length + (data.length & 1))
                .order(ByteOrder.LITTLE_ENDIAN)
                .put(type.getBytes(StandardCharsets.ISO_8859_1))
                .putInt(data.length)
                .put(data)
                .array();
    }
}
