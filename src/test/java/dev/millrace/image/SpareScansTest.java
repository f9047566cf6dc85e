package dev.millrace.image;

import static org.bytedeco.opencv.global.opencv_core.CV_8UC1;
import static org.bytedeco.opencv.global.opencv_imgcodecs.IMREAD_REDUCED_COLOR_8;
import static org.bytedeco.opencv.global.opencv_imgcodecs.imdecode;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.job.FailureException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SplittableRandom;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.opencv.opencv_core.Mat;
import org.junit.jupiter.api.Test;

/** A picture without its spare scans for an eighth is the same to the bit. */
class SpareScansTest {
    private static final String PHOTO = "photo-1600x900-otters.jpg";
    private static final List<String> MOZJPEGS =
            List.of("mozjpeg.jpg", "mozjpeg-16bit-tables.jpg", "mozjpeg-422.jpg");
    private static final int MUTATIONS = Integer.getInteger("millrace.mutations", 2_000);
    private static final int SHUFFLES = MUTATIONS / 2;

    @Test
    void anEighthIsTheSameToTheBit() throws Exception {
        Map<String, byte[]> jpegs = new LinkedHashMap<>(ProgressiveJpegs.all(643, 427));
        ProgressiveJpegs.all(8, 5).forEach((name, jpeg) -> jpegs.put("small " + name, jpeg));
        MOZJPEGS.forEach(name -> jpegs.put(name, TestImages.progressive(name)));
        for (Map.Entry<String, byte[]> jpeg : jpegs.entrySet()) {
            for (boolean exactly : new boolean[] {true, false}) {
                byte[] copy = SanitizerTest.copy(jpeg.getValue(), 8, exactly);
                assertArrayEquals(eighth(jpeg.getValue()), eighth(copy), jpeg.getKey());
                assertTrue(scans(copy) < scans(jpeg.getValue()), jpeg.getKey());
            }
        }
    }

    /**
     * The luma of 4:2:0 becomes single samples, its chroma 2 x 2: that of 4:4:4 single ones too.
     */
    @Test
    void onlyComponentsOfSingleSamplesAreLeftOut() throws Exception {
        Map<String, byte[]> jpegs = ProgressiveJpegs.all(643, 427);
        assertEquals(10, scans(jpegs.get("4:2:0")));
        assertEquals(6, scans(SanitizerTest.copy(jpegs.get("4:2:0"), 8, true)));
        assertEquals(2, scans(SanitizerTest.copy(jpegs.get("4:4:4"), 8, true)));
        assertEquals(2, scans(SanitizerTest.copy(jpegs.get("4:2:2"), 8, true)));
    }

    @Test
    void whatMustBeExactKeepsAllScansOfAHalfAndAQuarter() throws Exception {
        for (byte[] jpeg : ProgressiveJpegs.all(643, 427).values()) {
            byte[] whole = SanitizerTest.copy(jpeg);
            for (int reduction : new int[] {1, 2, 4}) {
                assertArrayEquals(whole, SanitizerTest.copy(jpeg, reduction, true));
            }
            assertArrayEquals(whole, SanitizerTest.copy(jpeg, 1, false));
        }
    }

    @Test
    void theFinerTheTablesTheMoreBitsGo() throws Exception {
        byte[] coarse = ProgressiveJpegs.encoded(PHOTO, 900, 600, 40);
        byte[] usual = ProgressiveJpegs.encoded(PHOTO, 900, 600, 75);
        byte[] fine = ProgressiveJpegs.encoded(PHOTO, 900, 600, 92);
        assertEquals(10, scans(SanitizerTest.copy(coarse, 2, false)));
        assertEquals(9, scans(SanitizerTest.copy(usual, 2, false)));
        assertEquals(8, scans(SanitizerTest.copy(fine, 2, false)));
        assertEquals(9, scans(SanitizerTest.copy(coarse, 4, false)));
        assertEquals(7, scans(SanitizerTest.copy(usual, 4, false)));
        assertEquals(7, scans(SanitizerTest.copy(fine, 4, false)));
    }

    @Test
    void theBandsOfOtherEncodersAreLeftOutToo() throws Exception {
        byte[] jpeg = TestImages.progressive("mozjpeg.jpg");
        assertEquals(7, scans(jpeg));
        assertEquals(7, scans(SanitizerTest.copy(jpeg, 2, false)));
        assertEquals(6, scans(SanitizerTest.copy(jpeg, 4, false)));
        assertEquals(5, scans(SanitizerTest.copy(jpeg, 8, true)));
    }

    @Test
    void aLargePictureOfManyBlocksIsTheSameToTheBit() throws Exception {
        byte[] jpeg = ProgressiveJpegs.encoded(PHOTO, 3200, 1800, 85);
        byte[] copy = SanitizerTest.copy(jpeg, 8, true);
        assertTrue(copy.length < jpeg.length / 3);
        assertArrayEquals(eighth(jpeg), eighth(copy));
    }

    @Test
    void whatEncodersDoNotWriteIsPassedAsItIs() throws Exception {
        byte[] jpeg = ProgressiveJpegs.encoded(PHOTO, 320, 200, 85);
        Map<String, byte[]> odd = new LinkedHashMap<>();
        odd.put("late tables", ProgressiveJpegs.withLateTables(jpeg));
        List<byte[]> segments = ProgressiveJpegs.segments(jpeg);
        int last = segments.size() - 2;
        odd.put("a scan twice", without(segments, -1, segments.get(last)));
        odd.put("no last bits", without(segments, last, null));
        odd.put("means after the rest", moved(segments));
        odd.forEach(
                (name, body) -> {
                    for (int reduction : new int[] {2, 4, 8}) {
                        try {
                            assertArrayEquals(
                                    SanitizerTest.copy(body),
                                    SanitizerTest.copy(body, reduction, false),
                                    name);
                        } catch (FailureException e) {
                            throw new AssertionError(name, e);
                        }
                    }
                });
    }

    private static byte[] without(List<byte[]> segments, int at, byte[] more) {
        List<byte[]> changed = new ArrayList<>(segments);
        if (at >= 0) {
            changed.remove(at);
        }
        if (more != null) {
            changed.add(changed.size() - 1, more);
        }
        return ProgressiveJpegs.joined(changed);
    }

    private static byte[] moved(List<byte[]> segments) {
        List<byte[]> changed = new ArrayList<>(segments);
        int first = 0;
        while (!ProgressiveJpegs.isScan(changed.get(first))) {
            first++;
        }
        Collections.swap(changed, first, first + 2);
        return ProgressiveJpegs.joined(changed);
    }

    /** Both are decoded to the same, or neither is decoded. */
    @Test
    void brokenPicturesAreTheSameToTheBit() {
        long seed = Long.getLong("millrace.seed", 12);
        List<byte[]> jpegs = small();
        int shorter = 0;
        for (int i = 0; i < MUTATIONS; i++) {
            byte[] body = new Mutator(jpegs, new SplittableRandom(seed * 31 + i)).next();
            shorter += checkSame(body, "seed " + seed + ", mutation " + i);
        }
        assertTrue(shorter > MUTATIONS / 10, shorter + " of them were left shorter");
    }

    @Test
    void shuffledScansAreTheSameToTheBit() {
        long seed = Long.getLong("millrace.seed", 12);
        Random random = new Random(seed);
        List<byte[]> jpegs = small();
        int shorter = 0;
        for (int i = 0; i < SHUFFLES; i++) {
            byte[] body = shuffled(jpegs.get(random.nextInt(jpegs.size())), random);
            shorter += checkSame(body, "seed " + seed + ", shuffle " + i);
        }
        assertTrue(shorter > SHUFFLES / 100, shorter + " of them were left shorter");
    }

    private static List<byte[]> small() {
        List<byte[]> jpegs = new ArrayList<>(ProgressiveJpegs.all(97, 71).values());
        MOZJPEGS.forEach(name -> jpegs.add(TestImages.progressive(name)));
        return jpegs;
    }

    /** Segments are moved, repeated and left out, and scans name other coefficients and bits. */
    private static byte[] shuffled(byte[] jpeg, Random random) {
        List<byte[]> segments = new ArrayList<>(ProgressiveJpegs.segments(jpeg));
        for (int i = random.nextInt(3); i >= 0; i--) {
            int at = 1 + random.nextInt(segments.size() - 2);
            int other = 1 + random.nextInt(segments.size() - 2);
            switch (random.nextInt(5)) {
                case 0 -> Collections.swap(segments, at, other);
                case 1 -> segments.add(at, segments.get(other));
                case 2 -> segments.remove(at);
                default -> {
                    byte[] changed = segments.get(at).clone();
                    if (ProgressiveJpegs.isScan(changed)) {
                        int end = 2 + Bytes.u16be(changed, 2);
                        changed[end - 1 - random.nextInt(4)] += (byte) (1 - 2 * random.nextInt(2));
                    }
                    segments.set(at, changed);
                }
            }
        }
        return ProgressiveJpegs.joined(segments);
    }

    /** Whether the copy for an eighth is shorter. */
    private static int checkSame(byte[] body, String what) {
        try {
            byte[] whole = SanitizerTest.copy(body);
            byte[] copy = SanitizerTest.copy(body, 8, true);
            assertArrayEquals(eighth(whole), eighth(copy), what);
            return copy.length < whole.length ? 1 : 0;
        } catch (FailureException refused) {
            return 0;
        }
    }

    private static long scans(byte[] jpeg) {
        return ProgressiveJpegs.segments(jpeg).stream().filter(ProgressiveJpegs::isScan).count();
    }

    /** Nothing where the decoder refuses it. */
    private static byte[] eighth(byte[] body) {
        try (BytePointer data = new BytePointer(body);
                Mat row = new Mat(1, body.length, CV_8UC1, data);
                Mat image = imdecode(row, IMREAD_REDUCED_COLOR_8)) {
            byte[] pixels = new byte[image.empty() ? 0 : 3 * image.rows() * image.cols()];
            if (pixels.length > 0) {
                image.data().get(pixels);
            }
            return pixels;
        }
    }
}
