package dev.millrace.image;

import static dev.millrace.image.TestImages.bytes;
import static dev.millrace.image.TestImages.concat;
import static dev.millrace.image.TestImages.hostile;
import static dev.millrace.image.TestImages.jpegSegment;
import static dev.millrace.image.TestImages.photo;
import static dev.millrace.image.TestImages.pngChunk;
import static dev.millrace.image.TestImages.pngHeader;
import static dev.millrace.image.TestImages.withSegment;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.millrace.api.ImageInfo;
import dev.millrace.job.Failure;
import dev.millrace.job.FailureException;
import dev.millrace.job.Stage;
import dev.millrace.testing.Bombs;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class ImageGateTest {
    private static final ImageGate GATE = new ImageGate(ImageLimits.DEFAULT);
    // Time of this thread alone, so that a busy machine fails no test.
    private static final ThreadMXBean CPU = ManagementFactory.getThreadMXBean();

    /**
     * What the gate says of each hostile file that it refuses. Every {@code reject} of the manifest
     * is here: none is left to the decoder.
     */
    private static final Map<String, Failure.Kind> REFUSED = new HashMap<>();

    static {
        for (String name :
                List.of(
                        "zero-bytes.jpg",
                        "html-404.jpg",
                        "mp4-header.jpg",
                        "gzip-of-jpeg.jpg",
                        "vector.svg",
                        "bmp.bmp",
                        "arithmetic-coded.jpg",
                        "precision-12bit.jpg")) {
            REFUSED.put(name, Failure.Kind.UNSUPPORTED_FORMAT);
        }
        for (String name :
                List.of(
                        // "<script>" read as a canvas
                        "polyglot-gif-html.gif",
                        "bomb-240mp-1bit.png",
                        "bomb-210mp-rgb.png",
                        "huge-dims-header.png",
                        "huge-dims-progressive-30000.jpg",
                        "progressive-scan-bomb.jpg",
                        "gif-huge-canvas.gif")) {
            REFUSED.put(name, Failure.Kind.IMAGE_TOO_LARGE);
        }
        for (String name :
                List.of(
                        "jpeg-magic-only.jpg",
                        "truncated-header.jpg",
                        "truncated-half.jpg",
                        "missing-eoi.jpg",
                        "truncated.png",
                        "truncated.webp",
                        "corrupt-huffman-table.jpg",
                        "missing-quant-table.jpg",
                        "bad-zlib.png",
                        "zero-width.png")) {
            REFUSED.put(name, Failure.Kind.CORRUPT_IMAGE);
        }
    }

    static List<JsonNode> hostileFiles() {
        return TestImages.hostileManifest();
    }

    static List<JsonNode> photos() {
        return TestImages.photos();
    }

    @ParameterizedTest
    @MethodSource("hostileFiles")
    void aHostileFileIsRefusedOrReadAsTheManifestSays(JsonNode entry) throws Exception {
        String name = entry.get("file").asText();
        byte[] body = hostile(name);
        assertEquals(entry.get("bytes").asInt(), body.length);
        String expected = entry.get("expect").asText();
        if (REFUSED.containsKey(name)) {
            assertFalse(expected.equals("accept"), name);
            assertRefused(REFUSED.get(name), body);
            return;
        }
        assertFalse(expected.equals("reject"), name);
        ImageHeader header = GATE.inspect(body);
        if (entry.has("width")) {
            assertEquals(entry.get("width").asInt(), header.width());
            assertEquals(entry.get("height").asInt(), header.height());
        }
        assertEquals(1, header.orientation());
    }

    @ParameterizedTest
    @MethodSource("photos")
    void aPhotoIsReadAsTheManifestSays(JsonNode entry) throws Exception {
        byte[] body = photo(entry.get("file").asText());
        ImageHeader header = GATE.inspect(body);
        String format = entry.get("format").asText().toLowerCase(Locale.ROOT);
        String mode = entry.get("mode").asText();
        assertEquals(entry.get("stored_width").asInt(), header.width());
        assertEquals(entry.get("stored_height").asInt(), header.height());
        assertEquals(entry.path("exif_orientation").asInt(1), header.orientation());
        assertEquals(mode.equals("RGBA"), header.hasAlpha());
        assertEquals(mode.equals("L"), header.gray());
        assertFalse(header.sixteenBit());
        assertEquals(
                new ImageInfo(
                        entry.get("width").asInt(),
                        entry.get("height").asInt(),
                        format,
                        body.length),
                header.info(body.length));
    }

    @Test
    void aBombIsRefusedAtOnce() {
        Bombs.all()
                .forEach(
                        (name, bomb) -> {
                            long startNs = CPU.getCurrentThreadCpuTime();
                            FailureException refusal =
                                    assertThrows(
                                            FailureException.class,
                                            () -> GATE.inspect(bomb.body()),
                                            name);
                            double ms = (CPU.getCurrentThreadCpuTime() - startNs) / 1e6;
                            assertEquals(bomb.kind(), refusal.failure().kind().wireName(), name);
                            assertTrue(
                                    refusal.getMessage().contains(bomb.reason()),
                                    name + ": " + refusal.getMessage());
                            assertTrue(ms <= 50, name + " took " + ms + " ms");
                        });
    }

    @Test
    void anAvifIsNamed() {
        assertEquals(
                "the body looks like an AVIF; send a JPEG, PNG, WebP or GIF",
                assertRefused(
                        Failure.Kind.UNSUPPORTED_FORMAT, hostile("avif-900x600-casa-mila.avif")));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            textBlock =
                    """
                    "  <!DocType HTML><p>"       | an HTML page
                    "<?xml version='1.0'?><svg>" | an SVG
                    "<?xml version='1.0'?><rss>" | an XML or HTML text
                    "{'error': 1}"               | a JSON text
                    "....ftypheic"               | a HEIC
                    "....ftypisom"               | a video (MP4 or QuickTime)
                    "BM6..."                     | a BMP
                    "%PDF-1.7"                   | a PDF
                    "RIFF....WAVEfmt "           | a RIFF file of type 'WAVE'
                    "RIFF"                       | a RIFF file of type ''
                    "hello"                      | something unknown (it starts with 'hell')
                    "h"                          | something unknown (it starts with 'h')
                    """)
    void whatIsNotReadIsNamed(String body, String likeness) {
        assertEquals(
                "the body looks like " + likeness + "; send a JPEG, PNG, WebP or GIF",
                assertRefused(Failure.Kind.UNSUPPORTED_FORMAT, bytes(body)));
    }

    @Test
    void theBytesOfAStrangerCannotBreakTheLine() {
        assertEquals(
                "the body looks like something unknown (it starts with 0x0A0D1B5B);"
                        + " send a JPEG, PNG, WebP or GIF",
                assertRefused(Failure.Kind.UNSUPPORTED_FORMAT, bytes("\n\r\u001b[31m")));
    }

    @Test
    void aChunkLengthBeyondTheFileIsRefused() {
        byte[] body =
                concat(
                        pngHeader(8, 8, 8, 3),
                        new byte[] {-1, -1, -1, (byte) 0xF0},
                        bytes("PLTE"),
                        new byte[8]);
        assertEquals(49, body.length);
        assertEquals(
                "the PNG was cut: chunk 'PLTE' at byte 33 needs 4294967280 bytes, but only 4 are"
                        + " left;"
                        + " send the whole file",
                assertRefused(Failure.Kind.CORRUPT_IMAGE, body));
    }

    @Test
    void aFewBytesThatDeclareManyPixelsAreRefused() {
        byte[] data = pngChunk("IDAT", new byte[] {0x78, (byte) 0xDA, 3, 0});
        byte[] png = concat(pngHeader(7000, 7000, 8, 2), data, pngChunk("IEND", new byte[0]));
        assertEquals(
                "the PNG was cut: its data of 4 bytes cannot hold 147007000 bytes of pixels;"
                        + " send the whole file",
                assertRefused(Failure.Kind.CORRUPT_IMAGE, png));

        byte[] jpeg = hostile("sampling-411.jpg");
        int frame = indexOf(jpeg, new byte[] {(byte) 0xFF, (byte) 0xC0});
        ByteBuffer.wrap(jpeg).putShort(frame + 5, (short) 7000).putShort(frame + 7, (short) 7000);
        assertTrue(assertRefused(Failure.Kind.CORRUPT_IMAGE, jpeg).contains("too few for"));
    }

    @Test
    void aPngMayLackItsEndChunkButNoOther() throws Exception {
        byte[] png = hostile("1x3000.png");
        byte[] withoutEnd = Arrays.copyOf(png, png.length - 12);
        assertEquals(3000, GATE.inspect(withoutEnd).height());
        byte[] withoutData = concat(pngHeader(8, 8, 8, 2), pngChunk("IEND", new byte[0]));
        assertTrue(assertRefused(Failure.Kind.CORRUPT_IMAGE, withoutData).contains("no IDAT"));
        assertRefused(Failure.Kind.CORRUPT_IMAGE, concat(pngHeader(8, 8, 3, 2), withoutData));
    }

    @Test
    void whatFollowsTheEndOfAJpegDoesNotMatter() throws Exception {
        byte[] jpeg = concat(hostile("sampling-411.jpg"), new byte[1000]);
        assertEquals(150, GATE.inspect(jpeg).width());
    }

    @Test
    void theOrientationIsReadInBothByteOrders() throws Exception {
        byte[] jpeg = hostile("sampling-411.jpg");
        byte[] big = bytes("Exif\0\0MM\0*\0\0\0\b\0\1\1\u0012\0\3\0\0\0\1\0\b\0\0\0\0\0\0");
        byte[] little = bytes("Exif\0\0II*\0\b\0\0\0\1\0\u0012\1\3\0\1\0\0\0\6\0\0\0\0\0\0\0");
        assertEquals(8, GATE.inspect(withSegment(jpeg, jpegSegment(0xE1, big))).orientation());
        assertEquals(6, GATE.inspect(withSegment(jpeg, jpegSegment(0xE1, little))).orientation());
        for (int length = 0; length < big.length - 6; length++) {
            byte[] cut = jpegSegment(0xE1, Arrays.copyOf(big, length));
            int orientation = GATE.inspect(withSegment(jpeg, cut)).orientation();
            assertEquals(length < 28 ? 1 : 8, orientation, "cut at " + length);
        }
    }

    @Test
    void aLongAnimationIsReadUpToItsFirstFrame() throws Exception {
        byte[] pixel = hostile("1x1-tracking.gif");
        byte[] screen = Arrays.copyOf(pixel, 19);
        byte[] frame = Arrays.copyOfRange(pixel, 19, pixel.length - 1);
        byte[][] parts = new byte[602][];
        Arrays.fill(parts, frame);
        parts[0] = screen;
        parts[601] = bytes(";");
        ImageHeader header = GATE.inspect(concat(parts));
        // The canvas, the frame's codes, and the table of codes with two vectors in it.
        long decoder = 4 + 1 + 4096 * 32 + 32;
        assertEquals(
                new ImageHeader(ImageFormat.GIF, 1, 1, 1, true, false, false, decoder), header);
    }

    @Test
    void manyScansOverManyPixelsAreRefusedBeforeTheScanLimit() throws Exception {
        byte[] bomb = hostile("progressive-scan-bomb.jpg");
        assertEquals(
                "the JPEG has more than 100 scans; send it baseline",
                assertRefused(Failure.Kind.IMAGE_TOO_LARGE, bomb));
        ImageGate strict = new ImageGate(new ImageLimits(9_000_000, 65_535, 100));
        assertEquals(
                "the JPEG has 30 scans or more; the scans pass 274524032 samples; send it baseline",
                assertThrows(FailureException.class, () -> strict.inspect(bomb)).getMessage());
    }

    /** Each of these took a decoder from a third of a second to minutes. */
    @ParameterizedTest
    @CsvSource({
        "clears.gif, IMAGE_TOO_LARGE, the GIF has more than 412 codes that empty the table of codes; save it again",
        "blocks.png, CORRUPT_IMAGE, 'the PNG is corrupt: its data of 4000044 bytes is more than its pixels of 30100 bytes can need; send an intact file'",
        "means.jpg, IMAGE_TOO_LARGE, the JPEG has 87 scans or more; the scans pass 1503360000 samples; send it baseline"
    })
    void tablesThatAreMadeInVainAreRefused(String name, Failure.Kind kind, String message) {
        assertEquals(message, assertRefused(kind, Bombs.all().get(name).body()));
    }

    @Test
    void theLimitsAreTheConfiguredOnes() throws Exception {
        byte[] body = photo("photo-600x400-coffee.jpg");
        assertEquals(600, new ImageGate(new ImageLimits(240_000, 600, 1)).inspect(body).width());
        for (ImageLimits limits :
                List.of(new ImageLimits(239_999, 600, 1), new ImageLimits(240_000, 599, 1))) {
            FailureException refusal =
                    assertThrows(FailureException.class, () -> new ImageGate(limits).inspect(body));
            assertEquals(Failure.Kind.IMAGE_TOO_LARGE, refusal.failure().kind());
        }
        assertEquals(
                "image limit maxPixels is 0; set it to a number from 1 to 1073741824",
                assertThrows(IllegalArgumentException.class, () -> new ImageLimits(0, 1, 1))
                        .getMessage());
    }

    private static String assertRefused(Failure.Kind kind, byte[] body) {
        Failure failure = assertThrows(FailureException.class, () -> GATE.inspect(body)).failure();
        assertEquals(kind, failure.kind(), failure.message());
        assertEquals(Stage.PREPROCESS, failure.stage());
        assertTrue(failure.message().matches("[ -~]{20,160}"), failure.message());
        return failure.message();
    }

    private static int indexOf(byte[] body, byte[] wanted) {
        for (int at = 0; ; at++) {
            if (Arrays.mismatch(body, at, at + wanted.length, wanted, 0, wanted.length) < 0) {
                return at;
            }
        }
    }
}
