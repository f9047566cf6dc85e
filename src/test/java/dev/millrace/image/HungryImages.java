package dev.millrace.image;

import static dev.millrace.image.TestImages.concat;

import dev.millrace.preprocess.EncodedImages;
import dev.millrace.testing.Bombs;
import dev.millrace.testing.WebpBombs;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.Deflater;

/** Images that the gate lets in and for which a decoder takes more than their size tells. */
public final class HungryImages {
    private static final int COLOUR_CACHE_BITS = 11;

    private HungryImages() {}

    /** By name. */
    public static Map<String, byte[]> all() {
        Map<String, byte[]> images = new LinkedHashMap<>();
        int most = 4096;
        images.put("groups.webp of 4096", WebpBombs.lossless(1024, 1024, 2, most, 0));
        images.put("groups and cache", WebpBombs.lossless(512, 512, 2, most, COLOUR_CACHE_BITS));
        images.put("groups, few pixels", WebpBombs.lossless(8, 8, 2, most, COLOUR_CACHE_BITS));
        images.put("a few groups", WebpBombs.lossless(640, 480, 5, 300, 10));
        images.put("groups of opacity", WebpBombs.opacity(512, 512, 2, most, COLOUR_CACHE_BITS));
        images.put("a few groups of opacity", WebpBombs.opacity(1000, 700, 5, 300, 0));
        images.put("one colour GIF", Bombs.gif(3000, 3000, 1));
        images.put("GIF that is restored", restored(Bombs.gif(1500, 1500, 1), 2));
        images.put("GIF that is put back", restored(Bombs.gif(1500, 1500, 1), 3));
        images.put("thin progressive JPEG", thin(1, 65_500));
        images.put("wide JPEG", thin(65_500, 100));
        images.put("PNG of one long chunk", longPng());
        return images;
    }

    /** The same GIF with a control block that says what becomes of the frame. */
    private static byte[] restored(byte[] gif, int disposal) {
        int frame = GifGate.screenEnd(gif);
        byte[] control = {0x21, (byte) 0xF9, 4, (byte) (disposal << 2), 0, 0, 0, 0};
        return concat(
                Arrays.copyOf(gif, frame), control, Arrays.copyOfRange(gif, frame, gif.length));
    }

    /**
     * A progressive JPEG of three components of 4 x 4 blocks each: such blocks come in no common
     * scan, so there is one for each component, which has a byte.
     */
    private static byte[] thin(int width, int height) {
        byte[] jpeg = EncodedImages.all(64, 64, 1).get("progressive 4:4:4 JPEG");
        int frame = marker(jpeg, JpegMarkers.SOF2);
        ByteBuffer.wrap(jpeg)
                .putShort(frame + 5, (short) height)
                .putShort(frame + 7, (short) width);
        int scan = marker(jpeg, JpegMarkers.SOS);
        byte[][] scans = new byte[3][];
        for (int i = 0; i < scans.length; i++) {
            jpeg[frame + 11 + 3 * i] = 0x44;
            byte[] one = {jpeg[scan + 5 + 2 * i], jpeg[scan + 6 + 2 * i], 0, 0, 0};
            scans[i] = TestImages.jpegSegment(JpegMarkers.SOS, concat(new byte[] {1}, one));
        }
        byte[] some = {0x55};
        return concat(
                Arrays.copyOf(jpeg, scan),
                scans[0],
                some,
                scans[1],
                some,
                scans[2],
                some,
                new byte[] {(byte) 0xFF, (byte) JpegMarkers.EOI});
    }

    /** Where the first segment of this kind starts. */
    private static int marker(byte[] jpeg, int code) {
        int at = 2;
        while (Bytes.u8(jpeg, at + 1) != code) {
            at += 2 + Bytes.u16be(jpeg, at + 2);
        }
        return at;
    }

    /**
     * Pixels that compress to nothing, and behind them in the same chunk as many bytes as they have
     * uncompressed, which are never read.
     */
    private static byte[] longPng() {
        int side = 1460;
        Deflater deflater = new Deflater();
        deflater.setInput(new byte[side * (1 + 8 * side)]);
        deflater.finish();
        byte[] data = new byte[16 << 20];
        deflater.deflate(data);
        deflater.end();
        return concat(
                TestImages.pngHeader(side, side, 16, 6),
                TestImages.pngChunk("IDAT", data),
                TestImages.pngChunk("IEND", new byte[0]));
    }
}
