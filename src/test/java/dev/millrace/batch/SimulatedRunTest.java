package dev.millrace.batch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.testing.Slow;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@link SimulatedRun} in a heap of 128 MB: its live heap is as large at the end as after a tenth,
 * and a run over the same file of results leaves every image out. {@code -Dmillrace.batch.images}
 * sets how many; ten million take about three minutes and 2 GB in the folder for temporary files.
 */
@Slow
class SimulatedRunTest {
    private static final long IMAGES = Long.getLong("millrace.batch.images", 1_000_000);
    private static final int SLICES = 10;
    private static final double MAX_MORE_HEAP = 1.05;

    /** A machine on which other tests run is no ruler; the figures are printed. */
    private static final double MIN_RATE = 0.5;

    private static final Pattern SLICE =
            Pattern.compile("slice rate=(\\d+) cpu_us=[\\d.]+ images=(\\d+) live=(\\d+)");

    @TempDir private Path folder;

    @Test
    void theHeapIsAsLargeAfterAllAsAfterATenth() throws Exception {
        String output = run(IMAGES, IMAGES / SLICES);
        System.out.println(output);
        List<Long> rates = new ArrayList<>();
        List<Long> live = new ArrayList<>();
        Matcher slices = SLICE.matcher(output);
        while (slices.find()) {
            rates.add(Long.parseLong(slices.group(1)));
            live.add(Long.parseLong(slices.group(3)));
        }
        assertEquals(SLICES, live.size(), output);
        assertTrue(live.getLast() <= MAX_MORE_HEAP * live.getFirst(), output);
        assertTrue(live.get(SLICES / 2 - 1) <= MAX_MORE_HEAP * live.getFirst(), output);
        // The first slice warms up.
        assertTrue(
                median(rates.subList(SLICES - 3, SLICES)) >= MIN_RATE * median(rates.subList(1, 4)),
                output);
        assertTrue(
                output.contains(
                        "first listed=%1$d answered=%1$d written=%1$d left_out=0 before=0"
                                .formatted(IMAGES)),
                output);
        assertTrue(
                output.contains(
                        "again listed=%1$d answered=0 written=0 left_out=%1$d before=%1$d"
                                .formatted(IMAGES)),
                output);
    }

    /** Each value of a tree of JSON takes many times its two bytes. */
    @Test
    void aLineOfManyValuesTakesLittleMoreThanItsBytes() throws Exception {
        String values = "[]" + ",[]".repeat(4_000_000);
        Files.writeString(
                folder.resolve("results.jsonl"),
                "{\"id\":\"a\",\"metadata\":{\"n\":[%s]},\"status\":\"ok\",\"results\":{\"safety\":{}}}\n"
                        .formatted(values));
        String output = run(100, 10);
        assertTrue(
                output.contains("first listed=100 answered=100 written=100 left_out=0 before=1"),
                output);
        assertTrue(
                output.contains("again listed=100 answered=0 written=0 left_out=100 before=101"),
                output);
    }

    private String run(long images, long slice) throws Exception {
        Process process =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-Xmx128m",
                                "-XX:+ExitOnOutOfMemoryError",
                                "-cp",
                                System.getProperty("java.class.path"),
                                SimulatedRun.class.getName(),
                                folder.toString(),
                                Long.toString(images),
                                Long.toString(slice))
                        .redirectErrorStream(true)
                        .start();
        try {
            String output =
                    new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertEquals(0, process.waitFor(), output);
            return output;
        } finally {
            process.destroyForcibly();
        }
    }

    private static double median(List<Long> values) {
        long[] sorted = values.stream().mapToLong(Long::longValue).toArray();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }
}
