package dev.millrace.preprocess;

import static dev.millrace.image.TestImages.concat;
import static dev.millrace.image.TestImages.hostile;
import static dev.millrace.image.TestImages.photo;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.image.ImageGate;
import dev.millrace.image.ImageHeader;
import dev.millrace.image.ImageLimits;
import dev.millrace.image.Sanitizer;
import dev.millrace.image.TestImages;
import dev.millrace.job.FailureException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever the bytes are, the gate answers with a header or a named failure, and soon. */
class HostileBytesTest {
    private static final ImageGate GATE = new ImageGate(ImageLimits.DEFAULT);
    private static final int MUTATIONS = 20_000;
    // Time of this thread alone, so that a busy machine fails no test.
    private static final ThreadMXBean CPU = ManagementFactory.getThreadMXBean();
    private static final long MAX_NS = TimeUnit.MILLISECONDS.toNanos(50);

    @Test
    void mutatedPhotosArePassedOrRefused() {
        long seed = Long.getLong("millrace.seed", 20_260_117);
        RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
        List<byte[]> bodies = new ArrayList<>();
        TestImages.photos().forEach(entry -> bodies.add(photo(entry.get("file").asText())));
        for (String name :
                List.of("animated.gif", "animated.apng", "webp-named.jpg", "exif-bad.jpg")) {
            bodies.add(hostile(name));
        }
        int passed = 0;
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment into = arena.allocate(1 << 20);
            for (int i = 0; i < MUTATIONS; i++) {
                byte[] body = mutated(bodies.get(i % bodies.size()), random);
                String what = "seed " + seed + ", mutation " + i;
                long startNs = CPU.getCurrentThreadCpuTime();
                try {
                    ImageHeader header = GATE.inspect(body);
                    int reduction = 1 << i % 4;
                    boolean exactly = i % 8 < 4;
                    long length = Sanitizer.copyForDecoder(body, header, reduction, exactly, into);
                    assertTrue(length <= body.length + Sanitizer.SPARE_BYTES, what);
                    passed++;
                } catch (FailureException refused) {
                    assertTrue(refused.getMessage().matches("[ -~]{20,160}"), what);
                } catch (RuntimeException e) {
                    throw new AssertionError(what, e);
                }
                long tookNs = CPU.getCurrentThreadCpuTime() - startNs;
                assertTrue(tookNs < MAX_NS, what + " took " + tookNs + " ns");
            }
        }
        assertTrue(passed > MUTATIONS / 20 && passed < MUTATIONS, passed + " passed");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "sampling-411.jpg",
                "1bit-gray.png",
                "png-ztxt-bomb.png",
                "1x1-tracking.gif",
                "webp-named.jpg"
            })
    void aFileCutAnywhereIsRefused(String name) {
        byte[] body = hostile(name);
        int step = body.length > 10_000 ? 7 : 1;
        for (int length = 0; length < body.length; length += step) {
            byte[] cut = Arrays.copyOf(body, length);
            // Without its end a PNG and a GIF may still be whole.
            boolean whole =
                    name.endsWith("png") && length == body.length - 12
                            || name.endsWith("gif") && length == body.length - 1;
            if (!whole) {
                assertThrows(FailureException.class, () -> GATE.inspect(cut), "at " + length);
            }
        }
    }

    @Test
    void theLargestDownloadIsPassedInTime() throws Exception {
        byte[] jpeg = hostile("sampling-411.jpg");
        byte[] start = Arrays.copyOf(jpeg, jpeg.length - 2);
        byte[] end = {(byte) 0xFF, (byte) 0xD9};
        byte[] restarts = new byte[20 << 20];
        byte[] fill = new byte[20 << 20];
        Arrays.fill(fill, (byte) 0xFF);
        for (int i = 0; i < restarts.length; i += 2) {
            restarts[i] = (byte) 0xFF;
            restarts[i + 1] = (byte) 0xD0;
        }
        for (byte[] body : List.of(concat(start, restarts, end), concat(start, fill, end))) {
            long startNs = CPU.getCurrentThreadCpuTime();
            assertEquals(150, GATE.inspect(body).width());
            long tookNs = CPU.getCurrentThreadCpuTime() - startNs;
            assertTrue(tookNs < 10 * MAX_NS, "took " + tookNs + " ns");
        }
    }

    private static byte[] mutated(byte[] original, RandomGenerator random) {
        byte[] body = original.clone();
        // Structure lies mostly at the start.
        int within = random.nextBoolean() ? body.length : Math.min(body.length, 700);
        return switch (random.nextInt(6)) {
            case 0 -> {
                body[random.nextInt(within)] = (byte) random.nextInt();
                yield body;
            }
            case 1 -> {
                for (int i = 0; i < 10; i++) {
                    body[random.nextInt(within)] ^= (byte) (1 << random.nextInt(8));
                }
                yield body;
            }
            case 2 -> Arrays.copyOf(body, random.nextInt(body.length));
            case 3 -> {
                // As a length field of any format.
                int at = random.nextInt(Math.min(within, body.length - 4));
                byte value = (byte) (random.nextBoolean() ? 0xFF : 0);
                Arrays.fill(body, at, at + 1 + random.nextInt(4), value);
                yield body;
            }
            case 4 -> {
                int from = random.nextInt(within);
                int to = Math.min(body.length, from + random.nextInt(64));
                yield concat(Arrays.copyOf(body, from), Arrays.copyOfRange(body, to, body.length));
            }
            default -> {
                int from = random.nextInt(within);
                int to = Math.min(body.length, from + random.nextInt(64));
                yield concat(Arrays.copyOf(body, to), Arrays.copyOfRange(body, from, body.length));
            }
        };
    }
}
