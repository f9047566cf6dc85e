package dev.millrace.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.millrace.testing.Bombs;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class DecodeCostTest {
    private static long cost(byte[] body) {
        return cost(body, 0, 0);
    }

    private static long cost(byte[] body, int width, int height) {
        return DecodeCost.nanos(body, ImageLimits.DEFAULT, width, height);
    }

    static Stream<JsonNode> photos() {
        return TestImages.photos().stream();
    }

    @ParameterizedTest
    @MethodSource("photos")
    void anImageCostsByItsPixels(JsonNode photo) throws Exception {
        byte[] body = TestImages.photo(photo.get("file").asText());
        ImageHeader header = new ImageGate(ImageLimits.DEFAULT).inspect(body);
        double perPixel = (double) cost(body) / ((long) header.width() * header.height());
        switch (header.format()) {
            case JPEG -> assertTrue(perPixel == 2 || perPixel == 10, "per pixel: " + perPixel);
            case PNG, WEBP, GIF -> assertEquals(20, perPixel);
        }
    }

    @Test
    void aReducedProgressiveJpegCostsLess() {
        byte[] photo = ProgressiveJpegs.encoded("photo-2000x1400-city-night.jpg", 1000, 500, 85);
        assertEquals(5_000_000, cost(photo, 251, 251));
        assertEquals(2_500_000, cost(photo, 250, 250));
        assertEquals(2_500_000, cost(photo, 126, 126));
        assertEquals(1_000_000, cost(photo, 125, 125));
        assertEquals(5_000_000, cost(photo, 600, 100));
        byte[] baseline = TestImages.photo("original-640x427-china.jpg");
        assertEquals(cost(baseline), cost(baseline, 100, 100));
    }

    @Test
    void aPngOf12MegapixelsStandsOut() {
        assertEquals(240_000_000, cost(TestImages.pngHeader(4000, 3000, 8, 2)));
    }

    @Test
    void whatTheGateRefusesCostsNothing() {
        assertEquals(0, cost(TestImages.pngHeader(60_000, 60_000, 8, 2)));
        assertEquals(0, cost(TestImages.pngHeader(-1, -1, 8, 2)));
        assertEquals(0, cost(TestImages.bytes("no image")));
        assertEquals(0, cost(new byte[0]));
    }

    @Test
    void noLengthOfABodyIsReadBeyond() {
        byte[] jpeg = TestImages.photo("photo-1200x675-osprey.jpg");
        byte[] png = TestImages.pngHeader(4000, 3000, 8, 2);
        for (int length = 0; length < 1000; length++) {
            assertTrue(cost(Arrays.copyOf(jpeg, Math.min(length, jpeg.length))) >= 0);
            assertTrue(cost(Arrays.copyOf(png, Math.min(length, png.length))) >= 0);
        }
    }

    /** Such a bomb is refused in a millisecond, and need not wait for a thread beside the ring. */
    @Test
    void aBombThatTheGateRefusesCostsNothing() {
        for (String name : List.of("groups.webp", "opacity.webp")) {
            byte[] bomb = Bombs.all().get(name).body();
            assertEquals(0, cost(bomb), name);
        }
    }
}
