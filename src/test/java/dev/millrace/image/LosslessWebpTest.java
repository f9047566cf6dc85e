package dev.millrace.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.job.Failure;
import dev.millrace.job.FailureException;
import dev.millrace.preprocess.EncodedImages;
import dev.millrace.testing.Bombs;
import dev.millrace.testing.WebpBombs;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** The groups of prefix codes, which only the stream of a WebP tells. */
class LosslessWebpTest {
    private static final ImageGate GATE = new ImageGate(ImageLimits.DEFAULT);

    @Test
    void tooManyGroupsAreRefusedInOneLine() {
        for (String name : List.of("groups.webp", "opacity.webp")) {
            byte[] body = Bombs.all().get(name).body();
            Failure failure =
                    assertThrows(FailureException.class, () -> GATE.inspect(body)).failure();
            assertEquals(Failure.Kind.IMAGE_TOO_LARGE, failure.kind());
            assertEquals(
                    "the WebP has at least 4097 groups of prefix codes, but at most 4096 are"
                            + " allowed; save it with libwebp",
                    failure.message());
        }
    }

    /** Each costs a table, of a size that the colour cache decides. */
    @Test
    void eachGroupIsReserved() throws Exception {
        for (int cacheBits : new int[] {0, 8, 11}) {
            long one = decoderBytes(WebpBombs.lossless(640, 480, 4, 1, cacheBits));
            long many = decoderBytes(WebpBombs.lossless(640, 480, 4, 1200, cacheBits));
            long group = (many - one) / 1199;
            long most = cacheBits == 0 ? 12_400 : cacheBits == 8 ? 13_500 : 20_600;
            assertTrue(group <= most && group > most - 200, group + " of " + cacheBits);
            long opacity = decoderBytes(WebpBombs.opacity(640, 480, 4, 1200, cacheBits));
            assertTrue(opacity > many && opacity < many + 3 * 640 * 480, "opacity " + opacity);
        }
    }

    private static long decoderBytes(byte[] body) throws FailureException {
        return GATE.inspect(body).decoderBytes();
    }

    @Test
    void aHeadThatIsCutIsSaid() {
        byte[] whole = WebpBombs.lossless(640, 480, 4, 1200, 3);
        byte[] cut = Arrays.copyOf(whole, 600);
        cut[4] = (byte) (600 - 8);
        cut[5] = (byte) (600 - 8 >> 8);
        cut[6] = 0;
        cut[16] = (byte) (600 - 20);
        cut[17] = (byte) (600 - 20 >> 8);
        cut[18] = 0;
        Failure failure = assertThrows(FailureException.class, () -> GATE.inspect(cut)).failure();
        assertEquals(
                "the WebP was cut: it ends inside the header of its picture; send the whole file",
                failure.message());
    }

    /** What libwebp writes is let in, at any size and with any head. */
    @Test
    void whatEncodersWriteIsLetIn() throws Exception {
        SplittableRandom random = new SplittableRandom(1);
        for (int i = 0; i < 40; i++) {
            int width = 1 + random.nextInt(300);
            int height = 1 + random.nextInt(300);
            Map<String, byte[]> images = EncodedImages.all(width, height, i);
            for (Map.Entry<String, byte[]> image : images.entrySet()) {
                if (image.getKey().contains("WebP")) {
                    ImageHeader header = GATE.inspect(image.getValue());
                    assertEquals(width, header.width(), image.getKey());
                    long decoder = header.decoderBytes();
                    assertTrue(decoder < 10L * width * height + 2_000_000, header.toString());
                }
            }
        }
    }
}
