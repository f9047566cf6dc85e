package dev.millrace.lab.bench;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.bytedeco.opencv.global.opencv_core;
import org.bytedeco.opencv.global.opencv_imgcodecs;
import org.bytedeco.opencv.opencv_core.Mat;
import org.junit.jupiter.api.Test;

/**
 * The photos of the bench: so many are progressive, and nothing else about them depends on that.
 */
class WebPhotosTest {
    private static final int COUNT = 10;
    private static final long SEED = 5;

    private final List<byte[]> baseline = WebPhotos.make(COUNT, SEED, 0);
    private final List<byte[]> fifth = WebPhotos.make(COUNT, SEED, 0.2);
    private final List<byte[]> all = WebPhotos.make(COUNT, SEED, 1);

    @Test
    void theShareIsProgressiveAndTheOthersAreAsBefore() {
        assertEquals(2, fifth.stream().filter(WebPhotosTest::progressive).count());
        assertTrue(baseline.stream().noneMatch(WebPhotosTest::progressive));
        assertTrue(all.stream().allMatch(WebPhotosTest::progressive));
        for (int i = 0; i < COUNT; i++) {
            boolean progressive = progressive(fifth.get(i));
            assertArrayEquals((progressive ? all : baseline).get(i), fifth.get(i));
        }
    }

    @Test
    void aProgressivePhotoHasTheSamePixels() {
        for (int i = 0; i < COUNT; i++) {
            try (Mat one = decoded(baseline.get(i));
                    Mat other = decoded(all.get(i))) {
                assertEquals(0, opencv_core.norm(one, other, opencv_core.NORM_INF, null));
            }
        }
    }

    private static Mat decoded(byte[] photo) {
        try (Mat encoded = new Mat(photo)) {
            return opencv_imgcodecs.imdecode(encoded, opencv_imgcodecs.IMREAD_COLOR);
        }
    }

    /** By the kind of the frame header, which is before any compressed bytes. */
    private static boolean progressive(byte[] jpeg) {
        int at = 2;
        while ((jpeg[at + 1] & 0xf0) != 0xc0 || (jpeg[at + 1] & 0xff) == 0xc4) {
            at += 2 + ((jpeg[at + 2] & 0xff) << 8) + (jpeg[at + 3] & 0xff);
        }
        return (jpeg[at + 1] & 0xff) == 0xc2;
    }
}
