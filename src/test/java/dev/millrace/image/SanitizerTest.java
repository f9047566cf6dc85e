package dev.millrace.image;

import static dev.millrace.image.TestImages.anmf;
import static dev.millrace.image.TestImages.bytes;
import static dev.millrace.image.TestImages.concat;
import static dev.millrace.image.TestImages.hostile;
import static dev.millrace.image.TestImages.jpegSegment;
import static dev.millrace.image.TestImages.photo;
import static dev.millrace.image.TestImages.riffChunk;
import static dev.millrace.image.TestImages.vp8x;
import static dev.millrace.image.TestImages.webp;
import static dev.millrace.image.TestImages.withSegment;
import static org.bytedeco.opencv.global.opencv_core.CV_8UC1;
import static org.bytedeco.opencv.global.opencv_imgcodecs.IMREAD_IGNORE_ORIENTATION;
import static org.bytedeco.opencv.global.opencv_imgcodecs.IMREAD_UNCHANGED;
import static org.bytedeco.opencv.global.opencv_imgcodecs.imdecode;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.job.Failure;
import dev.millrace.job.FailureException;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.opencv.opencv_core.Mat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class SanitizerTest {
    private static final ImageGate GATE = new ImageGate(ImageLimits.DEFAULT);

    static List<String> photos() {
        return TestImages.photos().stream().map(photo -> photo.get("file").asText()).toList();
    }

    @ParameterizedTest
    @MethodSource("photos")
    void theDecoderSeesTheSamePixels(String name) throws Exception {
        byte[] body = photo(name);
        byte[] copy = copy(body);
        assertTrue(copy.length <= body.length, "nothing to add to a photo");
        assertSamePixels(body, copy);
        ImageHeader before = GATE.inspect(body);
        ImageHeader after = GATE.inspect(copy);
        assertEquals(1, after.orientation());
        assertEquals(before.width(), after.width());
        assertEquals(before.hasAlpha(), after.hasAlpha());
        assertArrayEquals(copy, copy(copy), "nothing is left to take away");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "webp-named.jpg",
                "1x3000.png",
                "16bit-rgb.png",
                "1bit-gray.png",
                "gray-alpha.png",
                "palette-index-out-of-range.png",
                "rst-every-block.jpg",
                "sampling-411.jpg",
                "exif-bad.jpg",
                "icc-garbage.jpg",
                "png-ztxt-bomb.png"
            })
    void theDecoderSeesTheSamePixelsOfOddFiles(String name) throws Exception {
        assertSamePixels(hostile(name), copy(hostile(name)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "exif-orientation6-otters.jpg",
                "original-640x427-china.jpg",
                "png-451x300-cat.png",
                "png-640x427-flower-palette.png",
                "gif-320x213-flower.gif"
            })
    void anotherDecoderReadsTheCopyToo(String name) throws Exception {
        byte[] body = photo(name);
        BufferedImage before = ImageIO.read(new ByteArrayInputStream(body));
        BufferedImage after = ImageIO.read(new ByteArrayInputStream(copy(body)));
        assertEquals(before.getWidth(), after.getWidth());
        assertEquals(before.getHeight(), after.getHeight());
        assertArrayEquals(rgb(before), rgb(after));
    }

    @Test
    void anAnimatedPngBecomesItsFirstFrame() throws Exception {
        byte[] copy = copy(hostile("animated.apng"));
        String text = latin1(copy);
        for (String chunk : List.of("acTL", "fcTL", "fdAT")) {
            assertFalse(text.contains(chunk), chunk);
        }
        assertEquals(75, ImageIO.read(new ByteArrayInputStream(copy)).getWidth());
        assertTrue(copy.length < 10_000);
    }

    @Test
    void anAnimatedGifBecomesItsFirstFrame() throws Exception {
        byte[] body = hostile("animated.gif");
        byte[] copy = copy(body);
        assertEquals(3, frames(body));
        assertEquals(1, frames(copy));
        BufferedImage before = ImageIO.read(new ByteArrayInputStream(body));
        assertArrayEquals(rgb(before), rgb(ImageIO.read(new ByteArrayInputStream(copy))));
        assertEquals(43, copy(hostile("1x1-tracking.gif")).length);
    }

    @Test
    void textAndProfilesStayBehind() throws Exception {
        assertFalse(latin1(copy(hostile("png-ztxt-bomb.png"))).contains("zTXt"));
        assertFalse(latin1(copy(hostile("icc-garbage.jpg"))).contains("ICC_PROFILE"));
        assertFalse(latin1(copy(photo("png-451x300-cat.png"))).contains("iCCP"));
        assertFalse(latin1(copy(photo("exif-orientation6-otters.jpg"))).contains("Exif"));
        assertTrue(latin1(copy(photo("cmyk-800x450-desert.jpg"))).contains("Adobe"));
        byte[] jpeg = hostile("sampling-411.jpg");
        byte[] comment = jpegSegment(0xFE, bytes("a comment"));
        assertArrayEquals(jpeg, copy(concat(withSegment(jpeg, comment), new byte[500])));
    }

    @Test
    void aMissingEndChunkIsWritten() throws Exception {
        byte[] png = hostile("1x3000.png");
        assertArrayEquals(png, copy(Arrays.copyOf(png, png.length - 12)));
    }

    @Test
    void anAnimatedWebpBecomesItsFirstFrame() throws Exception {
        byte[] still = hostile("webp-named.jpg");
        byte[] picture = Arrays.copyOfRange(still, 12, still.length);
        byte[] anim = riffChunk("ANIM", new byte[6]);
        byte[] animation =
                webp(
                        vp8x(2, 150, 125),
                        anim,
                        anmf(0, 0, 150, 125, picture),
                        anmf(0, 0, 150, 125, picture));
        assertArrayEquals(still, copy(animation));
        byte[] smaller = webp(vp8x(2, 151, 125), anim, anmf(0, 0, 150, 125, picture));
        FailureException refusal =
                assertThrows(FailureException.class, () -> GATE.inspect(smaller));
        assertEquals(Failure.Kind.UNSUPPORTED_FORMAT, refusal.failure().kind());
    }

    @Test
    void theTransparencyOfAWebpIsKeptAndItsMetadataAreNot() throws Exception {
        byte[] still = hostile("webp-named.jpg");
        byte[] picture = Arrays.copyOfRange(still, 12, still.length);
        byte[] half = new byte[1 + 2 * 150 * 125];
        Arrays.fill(half, 1, half.length, (byte) 128);
        byte[] exif = bytes("II*\0\b\0\0\0\1\0\u0012\1\3\0\1\0\0\0\6\0\0\0\0\0\0\0");
        byte[] alpha = riffChunk("ALPH", half);
        byte[] full =
                webp(
                        vp8x(0x10 | 0x08 | 0x20, 150, 125),
                        riffChunk("ICCP", bytes("garbage")),
                        alpha,
                        picture,
                        riffChunk("EXIF", exif));
        ImageHeader header = GATE.inspect(full);
        long decoder = 2 * 150 * 125 + 128 * 150;
        assertEquals(
                new ImageHeader(ImageFormat.WEBP, 150, 125, 6, true, false, false, decoder),
                header);
        assertEquals(125, header.uprightWidth());
        byte[] copy = copy(full);
        assertArrayEquals(webp(vp8x(0x10, 150, 125), alpha, picture), copy);
        assertSamePixels(full, copy);
        try (Mat decoded = decode(copy)) {
            assertEquals(4, decoded.channels());
        }
    }

    @Test
    void aBufferThatIsTooSmallIsRefused() throws Exception {
        byte[] body = hostile("1x3000.png");
        MemorySegment small = MemorySegment.ofArray(new byte[body.length + 11]);
        ImageHeader header = GATE.inspect(body);
        assertThrows(
                IllegalArgumentException.class,
                () -> Sanitizer.copyForDecoder(body, header, 1, true, small));
    }

    /** What the decoder sees of a file, copied to native memory as the worker does. */
    static byte[] copy(byte[] body) throws FailureException {
        return copy(body, 1, true);
    }

    /** The same for a reduced picture. */
    static byte[] copy(byte[] body, int reduction, boolean exactly) throws FailureException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment into = arena.allocate(body.length + Sanitizer.SPARE_BYTES);
            ImageHeader header = GATE.inspect(body);
            long length = Sanitizer.copyForDecoder(body, header, reduction, exactly, into);
            return into.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE);
        }
    }

    private static void assertSamePixels(byte[] before, byte[] after) {
        try (Mat expected = decode(before);
                Mat actual = decode(after)) {
            assertFalse(expected.empty());
            assertEquals(expected.type(), actual.type());
            assertEquals(expected.cols(), actual.cols());
            assertEquals(expected.rows(), actual.rows());
            assertArrayEquals(pixels(expected), pixels(actual));
        }
    }

    private static Mat decode(byte[] body) {
        try (BytePointer data = new BytePointer(body);
                Mat row = new Mat(1, body.length, CV_8UC1, data)) {
            return imdecode(row, IMREAD_UNCHANGED | IMREAD_IGNORE_ORIENTATION);
        }
    }

    private static byte[] pixels(Mat image) {
        byte[] pixels = new byte[(int) (image.total() * image.elemSize())];
        image.data().get(pixels);
        return pixels;
    }

    private static int[] rgb(BufferedImage image) {
        return image.getRGB(0, 0, image.getWidth(), image.getHeight(), null, 0, image.getWidth());
    }

    private static int frames(byte[] gif) throws Exception {
        ImageReader reader = ImageIO.getImageReadersByFormatName("gif").next();
        try (ImageInputStream in = ImageIO.createImageInputStream(new ByteArrayInputStream(gif))) {
            reader.setInput(in);
            return reader.getNumImages(true);
        } finally {
            reader.dispose();
        }
    }

    private static String latin1(byte[] body) {
        return new String(body, StandardCharsets.ISO_8859_1);
    }
}
