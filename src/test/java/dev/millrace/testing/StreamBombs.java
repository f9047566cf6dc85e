package dev.millrace.testing;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32;
import java.util.zip.Deflater;

/**
 * Files whose sizes are harmless and whose compressed streams are not: a decoder makes tables that
 * it never uses, or goes over the same picture again and again.
 */
final class StreamBombs {
    private static final int SIDE = 100;
    private static final String PNG = "\u0089PNG\r\n\u001a\n";

    private StreamBombs() {}

    /** A GIF of codes of three bits that all say "forget your table"; no pixel ever comes. */
    static byte[] clears(int bytes) {
        BitWriter eight = new BitWriter();
        for (int i = 0; i < 8; i++) {
            eight.put(4, 3);
        }
        return Bombs.gif(SIDE, SIDE, repeated(eight.bytes(), bytes));
    }

    /**
     * A PNG before whose pixels stand blocks that have no content but the largest tables that a
     * block may bring: 256 codes of nine bits, which nobody uses, and one of a bit, which ends it.
     */
    static byte[] blocks(int bytes) {
        BitWriter blocks = new BitWriter();
        for (int i = 0; i < 8; i++) {
            block(blocks);
        }
        byte[] zlib = zlib(new byte[SIDE * (1 + 3 * SIDE)]);
        ByteArrayOutputStream data = new ByteArrayOutputStream();
        data.write(zlib, 0, 2);
        data.writeBytes(repeated(blocks.bytes(), bytes));
        data.write(zlib, 2, zlib.length - 2);
        return png(SIDE, SIDE, 8, 2, 0, data.toByteArray());
    }

    /** RFC 1951 3.2.7. */
    private static void block(BitWriter bits) {
        // Not the last; tables of its own, of 257 codes and 1, and 18 lengths of lengths' codes.
        bits.put(2 << 1, 3);
        bits.put(0, 10);
        bits.put(14, 4);
        for (int i = 0; i < 18; i++) {
            // In their order 16, 9 and 1, which thus have the codes 11, 10 and 0.
            bits.put(i == 0 || i == 6 ? 2 : i == 17 ? 1 : 0, 3);
        }
        // A nine, 42 times six more and three; then a one each, and the end of the block.
        bits.put(1, 2);
        for (int i = 0; i < 42; i++) {
            bits.put(0b1111, 4);
        }
        bits.put(0b0011, 4);
        bits.put(0, 3);
    }

    /** A progressive JPEG of three full components whose means come again in each scan. */
    static byte[] scans(int side, int scans) {
        byte[] scan = JpegParts.scan(3, 0, 0, new byte[3 * JpegParts.blocks(side, side) / 8 + 1]);
        return JpegParts.jpeg(0xC2, side, side, 3, repeated(scan, scans * scan.length));
    }

    static byte[] png(
            int width, int height, int bits, int colours, int interlaced, byte[]... data) {
        ByteArrayOutputStream png = new ByteArrayOutputStream();
        png.writeBytes(PNG.getBytes(StandardCharsets.ISO_8859_1));
        png.writeBytes(
                chunk(
                        "IHDR",
                        ByteBuffer.allocate(13)
                                .putInt(width)
                                .putInt(height)
                                .put((byte) bits)
                                .put((byte) colours)
                                .put(12, (byte) interlaced)
                                .array()));
        for (byte[] some : data) {
            png.writeBytes(chunk("IDAT", some));
        }
        png.writeBytes(chunk("IEND", new byte[0]));
        return png.toByteArray();
    }

    private static byte[] chunk(String type, byte[] data) {
        byte[] name = type.getBytes(StandardCharsets.ISO_8859_1);
        CRC32 crc = new CRC32();
        crc.update(name);
        crc.update(data);
        return ByteBuffer.allocate(12 + data.length)
                .putInt(data.length)
                .put(name)
                .put(data)
                .putInt((int) crc.getValue())
                .array();
    }

    static byte[] zlib(byte[] plain) {
        Deflater deflater = new Deflater(Deflater.BEST_COMPRESSION);
        deflater.setInput(plain);
        deflater.finish();
        byte[] some = new byte[1 << 16];
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        while (!deflater.finished()) {
            all.write(some, 0, deflater.deflate(some));
        }
        deflater.end();
        return all.toByteArray();
    }

    /** So many bytes of it, whole parts alone. */
    static byte[] repeated(byte[] part, int bytes) {
        byte[] all = new byte[bytes / part.length * part.length];
        for (int at = 0; at < all.length; at += part.length) {
            System.arraycopy(part, 0, all, at, part.length);
        }
        return all;
    }
}
