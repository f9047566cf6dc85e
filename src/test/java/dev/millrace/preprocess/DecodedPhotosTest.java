package dev.millrace.preprocess;

import static dev.millrace.image.TestImages.photo;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.millrace.api.ColorOrder;
import dev.millrace.api.Fidelity;
import dev.millrace.api.InputTensor;
import dev.millrace.api.Placement;
import dev.millrace.api.ResizeRule;
import dev.millrace.image.ImageGate;
import dev.millrace.image.ImageLimits;
import dev.millrace.image.TestImages;
import dev.millrace.job.FailureException;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.function.BiFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Photos become the pixels that the reference implementation makes of them. */
@ParameterizedClass
@EnumSource(Resizers.class)
class DecodedPhotosTest {
    private static final ImageGate GATE = new ImageGate(ImageLimits.DEFAULT);

    /** Levels. */
    private static final double TOLERANCE = 0.5;

    /** Levels. OpenCV's arithmetic for CMYK is up to a level brighter than the reference's. */
    private static final double CMYK_TOLERANCE = 1.5;

    private final Arena arena = Arena.ofConfined();
    private final Resizers resizers;

    DecodedPhotosTest(Resizers resizers) {
        this.resizers = resizers;
    }

    @AfterEach
    void free() {
        arena.close();
    }

    static Stream<String> photos() {
        return TestImages.photos().stream().map(entry -> entry.get("file").asText());
    }

    @ParameterizedTest
    @MethodSource("photos")
    void stretchedPhotosEqualTheReference(String name) throws Exception {
        assertReference(name, "nsfw_mobilenet_v2", 224, new ResizeRule.Stretch());
    }

    @ParameterizedTest
    @MethodSource("photos")
    void letterboxedPhotosEqualTheReference(String name) throws Exception {
        assertReference(
                name,
                "nanodet_g_416",
                416,
                new ResizeRule.Letterbox(ResizeRule.Alignment.CENTER, 0, true));
    }

    private void assertReference(String name, String model, int side, ResizeRule rule)
            throws Exception {
        JsonNode golden = golden().at("/models/" + model + "/images").path(name).path("pre");
        assertTrue(golden.isObject(), "no reference for " + name);
        double tolerance = name.startsWith("cmyk") ? CMYK_TOLERANCE : TOLERANCE;
        byte[] pixels = fitted(photo(name), ColorOrder.RGB, side, rule);
        double[] mean = cell(pixels, side, 0, 0, side);
        for (int channel = 0; channel < 3; channel++) {
            double expected = golden.get("mean").get(channel).asDouble();
            assertEquals(expected, mean[channel], tolerance, name + " mean");
        }
        int cellSide = side / 4;
        for (int i = 0; i < 16; i++) {
            double[] found = cell(pixels, side, i % 4 * cellSide, i / 4 * cellSide, cellSide);
            for (int channel = 0; channel < 3; channel++) {
                double expected = golden.get("grid").get(i).get(channel).asDouble();
                assertEquals(expected, found[channel], tolerance, name + " cell " + i);
            }
        }
    }

    private static double[] cell(byte[] pixels, int side, int left, int top, int size) {
        double[] mean = new double[3];
        for (int y = top; y < top + size; y++) {
            for (int x = left; x < left + size; x++) {
                for (int channel = 0; channel < 3; channel++) {
                    mean[channel] += Byte.toUnsignedInt(pixels[(y * side + x) * 3 + channel]);
                }
            }
        }
        return Arrays.stream(mean).map(sum -> sum / size / size).toArray();
    }

    /** Less decoding must not show: in dB against all of it, for the worst photo. */
    @ParameterizedTest
    @CsvSource({"FAST, 224, 38", "FAST, 416, 38", "HIGH, 224, 48", "HIGH, 416, 48"})
    void lessDecodingIsCloseToAllOfIt(Fidelity fidelity, int side, double least) throws Exception {
        double worst = Double.POSITIVE_INFINITY;
        for (String name : photos().filter(photo -> photo.endsWith("jpg")).toList()) {
            byte[] exact = fitted(photo(name), Fidelity.EXACT, side);
            byte[] less = fitted(photo(name), fidelity, side);
            worst = Math.min(worst, decibels(exact, less));
        }
        System.out.printf("%s at %d: %.1f dB at worst%n", fidelity, side, worst);
        assertTrue(worst >= least, worst + " dB");
    }

    private byte[] fitted(byte[] body, Fidelity fidelity, int side) throws FailureException {
        try (Decoding decoding = new Decoding(ColorOrder.RGB, fidelity, side)) {
            decoding.fit(body, new ResizeRule.Stretch());
            return decoding.row();
        }
    }

    private static double decibels(byte[] a, byte[] b) {
        double squares = 0;
        for (int i = 0; i < a.length; i++) {
            double difference = Byte.toUnsignedInt(a[i]) - Byte.toUnsignedInt(b[i]);
            squares += difference * difference;
        }
        return 10 * Math.log10(255.0 * 255.0 * a.length / squares);
    }

    @Test
    void blueGreenRedIsTheSamePictureWithItsChannelsSwapped() throws Exception {
        for (String name :
                new String[] {"photo-600x400-coffee.jpg", "png-420x280-coffee-alpha.png"}) {
            byte[] rgb = fitted(photo(name), ColorOrder.RGB, 64, new ResizeRule.Stretch());
            byte[] bgr = fitted(photo(name), ColorOrder.BGR, 64, new ResizeRule.Stretch());
            for (int i = 0; i < rgb.length; i += 3) {
                assertEquals(rgb[i], bgr[i + 2], name);
                assertEquals(rgb[i + 1], bgr[i + 1], name);
                assertEquals(rgb[i + 2], bgr[i], name);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8})
    void everyOrientationIsTurnedUpright(int orientation) throws Exception {
        byte[] jpeg = photo("mpu-300x250-city-night.jpg");
        Picture stored = decoded(jpeg);
        Picture upright =
                decoded(TestImages.withSegment(jpeg, exifWithOrientation((byte) orientation)));
        int width = stored.width;
        int height = stored.height;
        assertEquals(orientation < 5 ? width : height, upright.width);
        // Which stored pixel stands at (x, y) once the picture is upright, by the EXIF standard.
        BiFunction<Integer, Integer, int[]> from =
                (x, y) ->
                        switch (orientation) {
                            case 2 -> new int[] {width - 1 - x, y};
                            case 3 -> new int[] {width - 1 - x, height - 1 - y};
                            case 4 -> new int[] {x, height - 1 - y};
                            case 5 -> new int[] {y, x};
                            case 6 -> new int[] {y, height - 1 - x};
                            case 7 -> new int[] {width - 1 - y, height - 1 - x};
                            case 8 -> new int[] {width - 1 - y, x};
                            default -> new int[] {x, y};
                        };
        for (int y = 0; y < upright.height; y++) {
            for (int x = 0; x < upright.width; x++) {
                int[] source = from.apply(x, y);
                assertArrayEquals(stored.at(source[0], source[1]), upright.at(x, y), x + ", " + y);
            }
        }
    }

    private static byte[] exifWithOrientation(byte orientation) {
        return TestImages.jpegSegment(
                0xE1,
                ByteBuffer.allocate(32)
                        .put(TestImages.bytes("Exif\0\0MM\0*"))
                        .putInt(8)
                        .putShort((short) 1)
                        .putShort((short) 0x0112)
                        .putShort((short) 3)
                        .putInt(1)
                        .putShort(orientation)
                        .putShort((short) 0)
                        .putInt(0)
                        .array());
    }

    @Test
    void aCropIsTheCentreOfTheScaledPicture() throws Exception {
        byte[] photo = photo("photo-512x512-astronaut.jpg");
        byte[] whole = fitted(photo, ColorOrder.RGB, 256, new ResizeRule.Stretch());
        byte[] crop = fitted(photo, ColorOrder.RGB, 224, new ResizeRule.Crop(256));
        for (int y = 0; y < 224; y++) {
            int wholeAt = ((y + 16) * 256 + 16) * 3;
            assertArrayEquals(
                    Arrays.copyOfRange(whole, wholeAt, wholeAt + 224 * 3),
                    Arrays.copyOfRange(crop, y * 224 * 3, (y + 1) * 224 * 3),
                    "row " + y);
        }
    }

    @Test
    void aStretchedCropIsTheCentreOfTheStretchedPicture() throws Exception {
        byte[] photo = photo("photo-600x400-coffee.jpg");
        byte[] whole = fitted(photo, ColorOrder.RGB, 256, new ResizeRule.Stretch());
        byte[] crop = fitted(photo, ColorOrder.RGB, 224, new ResizeRule.StretchCrop(256, 256));
        for (int y = 0; y < 224; y++) {
            int wholeAt = ((y + 16) * 256 + 16) * 3;
            assertArrayEquals(
                    Arrays.copyOfRange(whole, wholeAt, wholeAt + 224 * 3),
                    Arrays.copyOfRange(crop, y * 224 * 3, (y + 1) * 224 * 3),
                    "row " + y);
        }
    }

    /** 600 x 400 in 256 x 256 is 256 x 171, of which 224 x 171 are seen, with 26 rows above. */
    @Test
    void aPictureWithABorderIsCutAndFilled() throws Exception {
        byte[] photo = photo("photo-600x400-coffee.jpg");
        Resizer.Window shown = new Resizer.Window(256, 171, 16, 0, 224, 171);
        byte[] row = fitted(photo, ColorOrder.BGR, 224, new ResizeRule.Border(256, 256, 0x7c746b));
        assertBordered(photo, row, shown, 0, 26, 0x7c746b);
        // 300 x 200 of which 224 x 200.
        row = fitted(photo, ColorOrder.BGR, 224, new ResizeRule.Crop(200, 0x010203));
        assertBordered(photo, row, new Resizer.Window(300, 200, 38, 0, 224, 200), 0, 12, 0x010203);
        // 150 x 100, smaller in both.
        row = fitted(photo, ColorOrder.BGR, 224, new ResizeRule.Border(150, 150, 0xff0000));
        assertBordered(photo, row, Resizer.Window.whole(150, 100), 37, 62, 0xff0000);
    }

    private void assertBordered(
            byte[] photo, byte[] row, Resizer.Window shown, int left, int top, int color)
            throws Exception {
        byte[] picture = new byte[shown.width() * shown.height() * 3];
        try (Decoding decoding = new Decoding(ColorOrder.BGR, 224);
                Resizer resizer = resizers.create()) {
            decoding.image.show(photo, GATE.inspect(photo));
            MemorySegment to = arena.allocate(picture.length);
            resizer.resize(
                    decoding.image.pixels(),
                    600,
                    400,
                    decoding.image.rowBytes(),
                    shown,
                    to,
                    0,
                    3L * shown.width());
            MemorySegment.copy(to, ValueLayout.JAVA_BYTE, 0, picture, 0, picture.length);
        }
        byte[] fill = {(byte) color, (byte) (color >> 8), (byte) (color >> 16)};
        for (int y = 0; y < 224; y++) {
            for (int x = 0; x < 224; x++) {
                int inX = x - left;
                int inY = y - top;
                boolean inside =
                        inX >= 0 && inX < shown.width() && inY >= 0 && inY < shown.height();
                for (int c = 0; c < 3; c++) {
                    byte expected = inside ? picture[(inY * shown.width() + inX) * 3 + c] : fill[c];
                    assertEquals(expected, row[(y * 224 + x) * 3 + c], x + ", " + y);
                }
            }
        }
    }

    /** Rows for a graph that makes luma of them are in the order of its weights. */
    @Test
    void rowsForLumaAreRgb() throws Exception {
        for (String name :
                new String[] {"photo-600x400-coffee.jpg", "png-420x280-coffee-alpha.png"}) {
            assertArrayEquals(
                    fitted(photo(name), ColorOrder.RGB, 64, new ResizeRule.Stretch()),
                    fitted(photo(name), ColorOrder.GRAY, 64, new ResizeRule.Stretch()));
        }
    }

    @Test
    void aLetterboxedPictureLiesWhereThePlacementSays() throws Exception {
        byte[] photo = photo("leaderboard-728x90-street.jpg");
        ResizeRule.Alignment alignment = ResizeRule.Alignment.TOP_LEFT;
        ResizeRule rule = new ResizeRule.Letterbox(alignment, 0x102030, false);
        try (Decoding decoding = new Decoding(ColorOrder.RGB, 1000)) {
            Placement placement = decoding.fit(photo, rule);
            assertEquals(new Placement(1, 1, 0, 0), placement);
            byte[] pixels = decoding.row();
            int outside = (500 * 1000 + 500) * 3;
            assertArrayEquals(
                    new byte[] {0x10, 0x20, 0x30},
                    Arrays.copyOfRange(pixels, outside, outside + 3));
        }
        try (Decoding decoding = new Decoding(ColorOrder.BGR, 364)) {
            assertEquals(0.5, decoding.fit(photo, rule).scaleX());
            byte[] pixels = decoding.row();
            int outside = 100 * 364 * 3;
            assertArrayEquals(
                    new byte[] {0x30, 0x20, 0x10},
                    Arrays.copyOfRange(pixels, outside, outside + 3));
        }
    }

    @Test
    void oneDecoderServesManyImagesInAnyOrder() throws Exception {
        try (Decoding decoding = new Decoding(ColorOrder.RGB, 64)) {
            for (String name : photos().toList()) {
                decoding.fit(photo(name), new ResizeRule.Stretch());
                byte[] first = decoding.row();
                decoding.trim();
                decoding.fit(photo("photo-2000x1400-city-night.jpg"), new ResizeRule.Crop(4000));
                decoding.trim();
                decoding.fit(photo(name), new ResizeRule.Stretch());
                assertArrayEquals(first, decoding.row(), name);
            }
        }
    }

    private byte[] fitted(byte[] body, ColorOrder order, int side, ResizeRule rule)
            throws FailureException {
        try (Decoding decoding = new Decoding(order, side)) {
            decoding.fit(body, rule);
            return decoding.row();
        }
    }

    private Picture decoded(byte[] body) throws FailureException {
        try (Decoding decoding = new Decoding(ColorOrder.RGB, 8)) {
            decoding.fit(body, new ResizeRule.Stretch());
            int width = decoding.image.width();
            byte[] pixels = decoding.image.pixels().toArray(ValueLayout.JAVA_BYTE);
            return new Picture(
                    width, decoding.image.height(), (int) decoding.image.rowBytes(), pixels);
        }
    }

    private static JsonNode golden() throws IOException {
        try (InputStream in = DecodedPhotosTest.class.getResourceAsStream("/golden.json")) {
            return new ObjectMapper().readTree(in);
        }
    }

    private record Picture(int width, int height, int rowBytes, byte[] pixels) {
        int[] at(int x, int y) {
            return IntStream.range(0, 3)
                    .map(channel -> pixels[y * rowBytes + x * 3 + channel])
                    .toArray();
        }
    }

    /** What one preprocess thread has, with a ring of one square row. */
    private final class Decoding implements AutoCloseable {
        private final MemorySegment memory;
        private final InputTensor input;
        private final DecodedImage image;

        Decoding(ColorOrder order, int side) {
            this(order, Fidelity.EXACT, side);
        }

        Decoding(ColorOrder order, Fidelity fidelity, int side) {
            memory = arena.allocate(3L * side * side);
            input = new InputTensor(0, side, side, memory);
            image = new DecodedImage(order, fidelity, DecodeBudget.unlimited(), resizers.create());
        }

        Placement fit(byte[] body, ResizeRule rule) throws FailureException {
            image.show(body, GATE.inspect(body));
            return image.fit(rule, input);
        }

        void trim() {
            image.forget();
        }

        byte[] row() {
            return memory.toArray(ValueLayout.JAVA_BYTE);
        }

        @Override
        public void close() {
            image.close();
        }
    }
}
