package dev.millrace.preprocess;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.millrace.api.ResizeFilter;
import dev.millrace.testing.Slow;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Random images, sizes, windows and distances between rows. */
class ResizerTest {
    private static final int CASES = 150;
    private static final int MAX = 3000;
    private static final byte UNTOUCHED = (byte) 0xA5;

    static Stream<Arguments> all() {
        return Arrays.stream(Resizers.values())
                .flatMap(
                        resizers ->
                                Arrays.stream(ResizeFilter.values())
                                        .map(filter -> Arguments.of(resizers, filter)));
    }

    @ParameterizedTest
    @MethodSource("all")
    @Slow
    void noLevelIsMoreThanOneOffTheFilterInDoublePrecision(Resizers resizers, ResizeFilter filter) {
        Random random = new Random(4);
        try (Resizer resizer = resizers.create(filter)) {
            for (int i = 0; i < CASES; i++) {
                Case image = Case.random(random, filter);
                assertNear(image, image.resize(resizer), random);
            }
        }
    }

    private static void assertNear(Case image, byte[] resized, Random random) {
        Resizer.Window window = image.window;
        for (int i = 0; i < 300; i++) {
            int x = random.nextInt(window.width());
            int y = random.nextInt(window.height());
            int channel = random.nextInt(3);
            double exact = image.exact(x, y, channel);
            int found =
                    Byte.toUnsignedInt(
                            resized[image.targetAt + y * image.targetRowBytes + x * 3 + channel]);
            assertEquals(Math.round(exact), found, 1, image + " at " + x + ", " + y);
        }
    }

    @ParameterizedTest
    @MethodSource("all")
    void nothingButTheWindowIsWritten(Resizers resizers, ResizeFilter filter) {
        Random random = new Random(5);
        try (Resizer resizer = resizers.create(filter)) {
            for (int i = 0; i < CASES; i++) {
                Case image = Case.random(random, filter);
                byte[] target = image.resize(resizer);
                int rowEnd = image.window.width() * 3;
                for (int at = 0; at < target.length; at++) {
                    int inRow = (at - image.targetAt) % image.targetRowBytes;
                    if (at < image.targetAt || inRow >= rowEnd) {
                        assertEquals(UNTOUCHED, target[at], image + ", byte " + at);
                    }
                }
            }
        }
    }

    /** {@code native/test/resize_test.cpp} holds the kernels against each other. */
    @ParameterizedTest
    @EnumSource
    void bothWriteTheSameBytes(ResizeFilter filter) {
        Random random = new Random(6);
        try (Resizer java = Resizers.JAVA.create(filter);
                Resizer nativeOne = Resizers.NATIVE.create(filter)) {
            for (int i = 0; i < CASES; i++) {
                Case image = Case.random(random, filter);
                assertArrayEquals(image.resize(java), image.resize(nativeOne), image.toString());
            }
        }
    }

    @ParameterizedTest
    @MethodSource("all")
    void memoryThatDoesNotHoldTheImageIsRefused(Resizers resizers, ResizeFilter filter) {
        try (Resizer resizer = resizers.create(filter);
                Arena arena = Arena.ofConfined()) {
            MemorySegment image = arena.allocate(10 * 10 * 3);
            MemorySegment small = arena.allocate(10 * 10 * 3 - 1);
            Resizer.Window window = Resizer.Window.whole(10, 10);
            assertThrows(
                    IndexOutOfBoundsException.class,
                    () -> resizer.resize(small, 10, 10, 30, window, image, 0, 30));
            assertThrows(
                    IndexOutOfBoundsException.class,
                    () -> resizer.resize(image, 10, 10, 30, window, small, 0, 30));
        }
    }

    @Test
    void aWindowLiesInsideOfTheImage() {
        new Resizer.Window(10, 10, 2, 3, 8, 7);
        assertThrows(IllegalArgumentException.class, () -> new Resizer.Window(10, 10, 3, 3, 8, 7));
        assertThrows(IllegalArgumentException.class, () -> new Resizer.Window(10, 10, 2, -1, 8, 7));
        assertThrows(IllegalArgumentException.class, () -> Resizer.Window.whole(0, 7));
    }

    /** An image, and where the window of it goes. */
    private record Case(
            ResizeFilter filter,
            byte[] pixels,
            int width,
            int height,
            int rowBytes,
            Resizer.Window window,
            int targetAt,
            int targetRowBytes) {
        static Case random(Random random, ResizeFilter filter) {
            int width = side(random, MAX);
            int height = side(random, MAX);
            int rowBytes = width * 3 + (random.nextBoolean() ? 0 : random.nextInt(70));
            byte[] pixels = new byte[(height - 1) * rowBytes + width * 3];
            random.nextBytes(pixels);
            if (random.nextInt(3) == 0) {
                // Only the extremes, which show an error of the weights most.
                for (int i = 0; i < pixels.length; i++) {
                    pixels[i] >>= 7;
                }
            }
            Resizer.Window window = window(random);
            int targetRowBytes = window.width() * 3 + random.nextInt(50);
            return new Case(
                    filter,
                    pixels,
                    width,
                    height,
                    rowBytes,
                    window,
                    random.nextInt(50),
                    targetRowBytes);
        }

        private static Resizer.Window window(Random random) {
            int fullWidth = side(random, 700);
            int fullHeight = side(random, 700);
            if (random.nextBoolean()) {
                return Resizer.Window.whole(fullWidth, fullHeight);
            }
            int left = random.nextInt(fullWidth);
            int top = random.nextInt(fullHeight);
            return new Resizer.Window(
                    fullWidth,
                    fullHeight,
                    left,
                    top,
                    1 + random.nextInt(fullWidth - left),
                    1 + random.nextInt(fullHeight - top));
        }

        /** Small sides as often as large ones. */
        private static int side(Random random, int most) {
            return (int) Math.round(Math.exp(random.nextDouble(Math.log(most))));
        }

        byte[] resize(Resizer resizer) {
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment source = arena.allocate(pixels.length);
                MemorySegment.copy(pixels, 0, source, ValueLayout.JAVA_BYTE, 0, pixels.length);
                MemorySegment target =
                        arena.allocate((long) targetAt + (long) targetRowBytes * window.height());
                target.fill(UNTOUCHED);
                resizer.resize(
                        source.asReadOnly(),
                        width,
                        height,
                        rowBytes,
                        window,
                        target,
                        targetAt,
                        targetRowBytes);
                return target.toArray(ValueLayout.JAVA_BYTE);
            }
        }

        /** Cut to what a byte holds after each pass, of which the first goes along the rows. */
        double exact(int x, int y, int channel) {
            double[] across = weights(width, window.fullWidth(), window.left() + x);
            double[] down = weights(height, window.fullHeight(), window.top() + y);
            double sum = 0;
            for (int row = 0; row < height; row++) {
                double along = 0;
                for (int column = 0; down[row] != 0 && column < width; column++) {
                    int at = row * rowBytes + column * 3 + channel;
                    along += across[column] * Byte.toUnsignedInt(pixels[at]);
                }
                sum += down[row] * Math.clamp(along, 0, 255);
            }
            return Math.clamp(sum, 0, 255);
        }

        /** What each source sample weighs in a target sample. */
        private double[] weights(int source, int target, int index) {
            double scale = (double) source / target;
            double center = (index + 0.5) * scale;
            double[] weights = new double[source];
            double sum = 0;
            for (int i = 0; i < source; i++) {
                weights[i] = weight(Math.abs(i + 0.5 - center) / Math.max(1, scale));
                sum += weights[i];
            }
            for (int i = 0; i < source; i++) {
                weights[i] /= sum;
            }
            return weights;
        }

        private double weight(double x) {
            if (filter == ResizeFilter.BILINEAR) {
                return Math.max(0, 1 - x);
            }
            double a = -0.5;
            return x < 1
                    ? (a + 2) * x * x * x - (a + 3) * x * x + 1
                    : x < 2 ? a * x * x * x - 5 * a * x * x + 8 * a * x - 4 * a : 0;
        }

        @Override
        public String toString() {
            return filter + " " + width + "x" + height + " to " + window;
        }
    }
}
