package dev.millrace.preprocess;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.api.ColorOrder;
import dev.millrace.image.ImageGate;
import dev.millrace.image.ImageLimits;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ImageDecoderTest {
    private static final ImageGate GATE = new ImageGate(ImageLimits.DEFAULT);

    @Test
    void aLargeImageLeavesNothingBehind() throws Exception {
        Map<String, byte[]> large = EncodedImages.all(2400, 2400, 1);
        Map<String, byte[]> small = EncodedImages.all(64, 48, 1);
        try (ImageDecoder decoder = new ImageDecoder(ColorOrder.RGB)) {
            for (Map.Entry<String, byte[]> image : large.entrySet()) {
                decode(decoder, image.getValue());
                assertTrue(
                        decoder.kept() > ImageDecoder.KEEP_BYTES,
                        image.getKey() + ": " + decoder.kept());
                decoder.trim();
                assertTrue(
                        decoder.kept() <= ImageDecoder.KEEP_BYTES,
                        image.getKey() + ": " + decoder.kept());
                decode(decoder, small.get(image.getKey()));
                decoder.trim();
            }
        }
    }

    @Test
    void neitherDoesALongFileOfFewPixels() throws Exception {
        byte[] png = EncodedImages.all(64, 48, 1).get("RGB PNG");
        try (ImageDecoder decoder = new ImageDecoder(ColorOrder.RGB)) {
            decode(decoder, png);
            long usual = decoder.kept();
            decode(decoder, Arrays.copyOf(png, (int) ImageDecoder.KEEP_BYTES));
            assertTrue(decoder.kept() > ImageDecoder.KEEP_BYTES);
            decoder.trim();
            decode(decoder, png);
            assertEquals(usual, decoder.kept());
        }
    }

    private static void decode(ImageDecoder decoder, byte[] body) throws Exception {
        decoder.decode(body, GATE.inspect(body), 1, true);
    }
}
