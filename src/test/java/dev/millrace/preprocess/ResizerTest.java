package dev.millrace.preprocess;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Random images, sizes, windows and distances between rows. */
class ResizerTest {
    private static final int CASES = 150;
    private static final int MAX = 3000;
    private static final byte UNTOUCHED = (byte) 0xA5;

    @ParameterizedTest
    @EnumSource
    void noLevelIsMoreThanOneOffTheFilterInDoublePrecision(Resizers resizers) {
        Random random = new Random(4);
        try (Resizer resizer = resizers.create()) {
            for (int i = 0; i < CASES; i++) {
                Case image = Case.random(random);
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
    @EnumSource
    void nothingButTheWindowIsWritten(Resizers resizers) {
        Random random = new Random(5);
        try (Resizer resizer = resizers.create()) {
            for (int i = 0; i < CASES; i++) {
                Case image = Case.random(random);
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

    @Test
    void bothWriteTheSameBytes() {
        Random random = new Random(6);
        try (Resizer java = Resizers.JAVA.create();
                Resizer nativeOne = Resizers.NATIVE.create()) {
            for (int i = 0; i < CASES; i++) {
                Case image = Case.random(random);
                assertArrayEquals(image.resize(java), image.resize(nativeOne), image.toString());
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void memoryThatDoesNotHoldTheImageIsRefused(Resizers resizers) {
        try (Resizer resizer = resizers.create();
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
            byte[] pixels,
            int width,
            int height,
            int rowBytes,
            Resizer.Window window,
            int targetAt,
            int targetRowBytes) {
        static Case random(Random random) {
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
                    pixels, width, height, rowBytes, window, random.nextInt(50), targetRowBytes);
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

        double exact(int x, int y, int channel) {
            double[] across = weights(width, window.fullWidth(), window.left() + x);
            double[] down = weights(height, window.fullHeight(), window.top() + y);
            double sum = 0;
            for (int row = 0; row < height; row++) {
                for (int column = 0; down[row] > 0 && column < width; column++) {
                    int at = row * rowBytes + column * 3 + channel;
                    sum += down[row] * across[column] * Byte.toUnsignedInt(pixels[at]);
                }
            }
            return sum;
        }

        /** What each source sample weighs in a target sample. */
        private static double[] weights(int source, int target, int index) {
            double scale = (double) source / target;
            double support = Math.max(1, scale);
            double center = (index + 0.5) * scale;
            double[] weights = new double[source];
            double sum = 0;
            for (int i = 0; i < source; i++) {
                weights[i] = Math.max(0, 1 - Math.abs(i + 0.5 - center) / support);
                sum += weights[i];
            }
            for (int i = 0; i < source; i++) {
                weights[i] /= sum;
            }
            return weights;
        }

        @Override
        public String toString() {
            return width + "x" + height + " to " + window;
        }
    }
}
