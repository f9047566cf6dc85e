package dev.millrace.testing;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Files that ask of a decoder what they can and that the gate lets in: nothing in them is beyond a
 * limit. They must cost no more than an ordinary image of as many pixels and bytes.
 */
public final class DearImages {
    private static final int SIDE = 100;
    private static final int PARTS = 300_000;
    private static final int ACROSS = 8000;
    private static final int DOWN = 6200;

    private DearImages() {}

    /** By name. */
    public static Map<String, byte[]> all() {
        Map<String, byte[]> images = new LinkedHashMap<>();
        images.put("a PNG of 300,000 chunks without pixels", emptyChunks());
        images.put("an interlaced PNG of 50 megapixels of a bit", interlaced());
        images.put("a JPEG with 300,000 restart intervals", segments(0xDD, new byte[2]));
        images.put("a JPEG with 300,000 Huffman tables", segments(0xC4, new byte[17]));
        images.put("a JPEG with a restart after each block", restarts());
        images.put("a JPEG of a million restart markers", restartMarkers());
        images.put("a JPEG of 65,500 x 1", gray(65_500, 1));
        images.put("a JPEG of 64 scans of a coefficient", bands());
        images.put("a GIF of 65,535 x 762 with a frame of a pixel", canvas());
        images.put("a WebP of 300,000 unknown chunks", unknownChunks());
        images.put("a WebP of 50 megapixels in 42 bytes", fewBytes());
        return images;
    }

    private static byte[] emptyChunks() {
        byte[][] data = new byte[PARTS][];
        Arrays.fill(data, new byte[0]);
        data[PARTS - 1] = StreamBombs.zlib(new byte[SIDE * (1 + 3 * SIDE)]);
        return StreamBombs.png(SIDE, SIDE, 8, 2, 0, data);
    }

    private static byte[] interlaced() {
        int bytes = 0;
        int[][] passes = {
            {0, 0, 8, 8},
            {4, 0, 8, 8},
            {0, 4, 4, 8},
            {2, 0, 4, 4},
            {0, 2, 2, 4},
            {1, 0, 2, 2},
            {0, 1, 1, 2}
        };
        for (int[] pass : passes) {
            int across = Math.ceilDiv(ACROSS - pass[0], pass[2]);
            bytes += Math.ceilDiv(DOWN - pass[1], pass[3]) * (1 + Math.ceilDiv(across, 8));
        }
        return StreamBombs.png(ACROSS, DOWN, 1, 0, 1, StreamBombs.zlib(new byte[bytes]));
    }

    private static byte[] segments(int marker, byte[] data) {
        byte[] one = JpegParts.segment(marker, data);
        byte[] many = StreamBombs.repeated(one, one.length * PARTS);
        return JpegParts.jpeg(0xC0, SIDE, SIDE, 1, many, scan(SIDE, SIDE));
    }

    private static byte[] gray(int width, int height) {
        return JpegParts.jpeg(0xC0, width, height, 1, scan(width, height));
    }

    private static byte[] scan(int width, int height) {
        return JpegParts.scan(1, 0, 63, new byte[JpegParts.blocks(width, height) / 4 + 1]);
    }

    private static byte[] restarts() {
        byte[] eight = new byte[24];
        for (int i = 0; i < 8; i++) {
            eight[3 * i + 1] = (byte) 0xFF;
            eight[3 * i + 2] = (byte) (0xD0 + i);
        }
        byte[] data = StreamBombs.repeated(eight, 3 * JpegParts.blocks(DOWN, ACROSS));
        byte[] interval = JpegParts.segment(0xDD, new byte[] {0, 1});
        return JpegParts.jpeg(
                0xC0,
                ACROSS,
                DOWN,
                1,
                interval,
                JpegParts.scan(1, 0, 63, Arrays.copyOf(data, data.length + 1)));
    }

    private static byte[] restartMarkers() {
        byte[] markers = StreamBombs.repeated(new byte[] {(byte) 0xFF, (byte) 0xD0}, 2_000_000);
        return JpegParts.jpeg(0xC0, 1000, 1000, 1, JpegParts.scan(1, 0, 63, markers));
    }

    private static byte[] bands() {
        int side = 2400;
        int blocks = JpegParts.blocks(side, side);
        ByteArrayOutputStream scans = new ByteArrayOutputStream();
        scans.writeBytes(JpegParts.scan(1, 0, 0, new byte[blocks / 8 + 1]));
        for (int i = 0; i < 63; i++) {
            int band = 1 + i;
            scans.writeBytes(JpegParts.scan(1, band, band, new byte[blocks / 8 + 1]));
        }
        return JpegParts.jpeg(0xC2, side, side, 1, scans.toByteArray());
    }

    private static byte[] canvas() {
        byte[] gif = Bombs.gif(1, 1, 1);
        ByteBuffer.wrap(gif)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putShort(6, (short) 65_535)
                .putShort(8, (short) 762);
        return gif;
    }

    private static byte[] unknownChunks() {
        byte[] none = WebpBombs.chunk("ABCD", new byte[0]);
        return WebpBombs.riff(
                WebpBombs.canvas(0, SIDE, SIDE),
                StreamBombs.repeated(none, none.length * PARTS),
                WebpBombs.chunk("VP8L", fewBits(SIDE, SIDE)));
    }

    private static byte[] fewBytes() {
        return WebpBombs.riff(WebpBombs.chunk("VP8L", fewBits(8100, 6100)));
    }

    /** One colour, by way of two transforms that look at the pixels around each and at all. */
    private static byte[] fewBits(int width, int height) {
        BitWriter bits = new BitWriter();
        bits.put(0x2F, 8);
        bits.put(width - 1, 14);
        bits.put(height - 1, 14);
        bits.put(0, 4);
        // A predictor for each 4 x 4 pixels, always the thirteenth; then the colours', likewise.
        bits.put(1, 1);
        bits.put(0, 5);
        codes(bits, 13, 0);
        bits.put(1, 1);
        bits.put(1, 5);
        codes(bits, 5, 7);
        bits.put(0, 1);
        bits.put(0, 1);
        codes(bits, 1, 1);
        return bits.bytes();
    }

    /** No colour cache; codes of one symbol each: green, red, blue, alpha, distance. */
    private static void codes(BitWriter bits, int green, int red) {
        bits.put(0, 1);
        for (int symbol : new int[] {green, red, 9, 255, 0}) {
            bits.put(1 | 1 << 2, 3);
            bits.put(symbol, 8);
        }
    }
}
