package dev.millrace.testing;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32;

/** Files that cost a decoder far more than they weigh. */
public final class Bombs {
    private static final int FRAMES = 600;

    private Bombs() {}

    /**
     * @param reason a part of what the gate says
     */
    public record Bomb(byte[] body, String kind, String reason) {}

    /** By name. */
    public static Map<String, Bomb> all() {
        Map<String, Bomb> bombs = new LinkedHashMap<>();
        bombs.put(
                "palette.png",
                new Bomb(palette(), "corrupt_image", "chunk 'PLTE' at byte 33 needs 4294967280"));
        bombs.put(
                "scans.jpg",
                new Bomb(
                        resource("progressive-scan-bomb.jpg"),
                        "image_too_large",
                        "more than 100 scans"));
        bombs.put(
                "pixels.png",
                new Bomb(
                        resource("bomb-240mp-1bit.png"),
                        "image_too_large",
                        "20000 x 12000 = 240000000 pixels"));
        bombs.put(
                "frames.gif",
                new Bomb(gif(12_000, 10_000, FRAMES), "image_too_large", "12000 x 10000"));
        bombs.put(
                "groups.webp",
                new Bomb(
                        WebpBombs.lossless(1024, 1024, 2, 1 << 16, 0),
                        "image_too_large",
                        "groups of prefix codes"));
        bombs.put(
                "opacity.webp",
                new Bomb(
                        WebpBombs.opacity(1024, 1024, 2, 1 << 16, 0),
                        "image_too_large",
                        "groups of prefix codes"));
        bombs.put(
                "clears.gif",
                new Bomb(StreamBombs.clears(21_000), "image_too_large", "empty the table"));
        bombs.put(
                "blocks.png",
                new Bomb(StreamBombs.blocks(4_000_000), "corrupt_image", "more than its pixels"));
        bombs.put(
                "means.jpg",
                new Bomb(StreamBombs.scans(2400, 100), "image_too_large", "scans pass"));
        return bombs;
    }

    /** 49 bytes, of which the palette declares 4 GB. */
    private static byte[] palette() {
        byte[] header =
                ByteBuffer.allocate(17)
                        .put("IHDR".getBytes(StandardCharsets.ISO_8859_1))
                        .putInt(8)
                        .putInt(8)
                        .put(new byte[] {8, 3, 0, 0, 0})
                        .array();
        CRC32 crc = new CRC32();
        crc.update(header);
        return ByteBuffer.allocate(49)
                .putLong(0x89504E47_0D0A1A0AL)
                .putInt(13)
                .put(header)
                .putInt((int) crc.getValue())
                .putInt(0xFFFF_FFF0)
                .put("PLTE".getBytes(StandardCharsets.ISO_8859_1))
                .array();
    }

    /**
     * An animation whose first frame covers the canvas in one colour and whose others are one
     * pixel: small, and each of them a whole canvas for who composes them.
     */
    public static byte[] gif(int width, int height, int frames) {
        ByteArrayOutputStream out = screen(width, height);
        frame(out, width, height, onePlane((long) width * height));
        for (int i = 1; i < frames; i++) {
            frame(out, 1, 1, onePlane(1));
        }
        out.write(';');
        return out.toByteArray();
    }

    /** One frame of these codes. */
    static byte[] gif(int width, int height, byte[] codes) {
        ByteArrayOutputStream out = screen(width, height);
        frame(out, width, height, codes);
        out.write(';');
        return out.toByteArray();
    }

    private static ByteArrayOutputStream screen(int width, int height) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes("GIF89a".getBytes(StandardCharsets.ISO_8859_1));
        out.writeBytes(shorts(width, height));
        out.writeBytes(new byte[] {(byte) 0x80, 0, 0, 0, 0, 0, (byte) 255, 0, 0});
        return out;
    }

    private static void frame(ByteArrayOutputStream out, int width, int height, byte[] codes) {
        out.write(',');
        out.writeBytes(shorts(0, 0, width, height));
        out.write(0);
        out.write(2);
        for (int at = 0; at < codes.length; at += 255) {
            byte[] block = Arrays.copyOfRange(codes, at, Math.min(codes.length, at + 255));
            out.write(block.length);
            out.writeBytes(block);
        }
        out.write(0);
    }

    /**
     * LZW of so many zeros: each code is the one before and another zero, until the table is full.
     */
    private static byte[] onePlane(long pixels) {
        BitWriter bits = new BitWriter();
        int clear = 4;
        int size = 3;
        int next = 6;
        long run = 1;
        bits.put(clear, size);
        for (long left = pixels; left > 0; ) {
            long length = Math.min(run, left);
            // The code of a run of n zeros: 0 for one, then in the order in which they came to be.
            bits.put(length == 1 ? 0 : (int) (4 + length), size);
            left -= length;
            if (left > 0 && next == 4095) {
                bits.put(clear, size);
                size = 3;
                next = 6;
                run = 1;
            } else {
                // With its first code a decoder learns nothing.
                next += run == 1 ? 0 : 1;
                run++;
                size = next >= 1 << size && size < 12 ? size + 1 : size;
            }
        }
        bits.put(clear + 1, size);
        return bits.bytes();
    }

    private static byte[] shorts(int... values) {
        ByteBuffer bytes = ByteBuffer.allocate(2 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        Arrays.stream(values).forEach(value -> bytes.putShort((short) value));
        return bytes.array();
    }

    private static byte[] resource(String name) {
        try (InputStream in = Bombs.class.getResourceAsStream("/hostile/" + name)) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The bombs' names, for messages. */
    public static List<String> names() {
        return List.copyOf(all().keySet());
    }
}
