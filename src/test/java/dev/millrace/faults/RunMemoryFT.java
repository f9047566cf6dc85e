package dev.millrace.faults;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.faults.Undefended.Change;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Row 38: the heap that {@code run} needs does not grow with its images. List, queue, keys and
 * result file of a run are taken through ten million images in a process with a small heap; what a
 * worker does between is not part of it. The control keeps of each image how long it was hidden.
 */
class RunMemoryFT {
    private static final long IMAGES = Long.getLong("millrace.run.images", 10_000_000);
    private static final long MIB = 1 << 20;
    private static final double MAX_GROWTH = 0.05;

    /** A hundredth of what the smallest image takes of a run's CPU. */
    private static final double MAX_MORE_MICROS = 3;

    @TempDir private Path folder;

    private static final Pattern SLICE =
            Pattern.compile("slice rate=\\d+ cpu_us=([\\d.]+) images=(\\d+) live=(\\d+)");

    /** Images so far, live heap in bytes, and CPU time of an image in microseconds. */
    private record Tenth(long images, long heap, double micros) {}

    private record End(int code, List<Tenth> tenths, String output) {}

    @Test
    void aRunOfTenMillionImagesFitsIntoASmallHeap() throws Exception {
        Reliability row =
                Reliability.row(
                        38,
                        "%,d simulated images, heap of 128 MiB: live heap after a tenth, half and all of them within 5 %%, the last fifth takes ≤ 3 CPU-µs more for each than the second"
                                .formatted(IMAGES));
        End end = run(IMAGES, List.of());
        assertEquals(0, end.code, end.output);
        long first = end.tenths.get(0).heap;
        long half = end.tenths.get(4).heap;
        long last = end.tenths.get(9).heap;
        double before = (end.tenths.get(1).micros + end.tenths.get(2).micros) / 2;
        double after = (end.tenths.get(8).micros + end.tenths.get(9).micros) / 2;
        String line =
                String.format(
                        Locale.ROOT,
                        "live heap %.1f, %.1f and %.1f MiB; %.2f CPU-µs for each at the beginning and %.2f at the end",
                        (double) first / MIB,
                        (double) half / MIB,
                        (double) last / MIB,
                        before,
                        after);
        System.out.println(line + "\n" + end.output);
        assertTrue(Math.max(half, last) <= (1 + MAX_GROWTH) * first, line);
        assertTrue(after <= before + MAX_MORE_MICROS, line);
        Change kept =
                new Change(
                        "batch/MemoryQueue.java",
                        "if (item != null && !hidden.remove(item)) {",
                        "if (item == null) {");
        End control = run(IMAGES, List.of(kept));
        assertTrue(control.code != 0, control.output);
        long reached = control.tenths.isEmpty() ? 0 : control.tenths.getLast().images;
        row.holds(
                line,
                "what is deleted stays among the hidden: out of memory before %,d images"
                        .formatted(reached + IMAGES / 10));
    }

    private End run(long images, List<Change> changes) throws IOException, InterruptedException {
        Path fresh = Files.createTempDirectory(folder, "run");
        Path classes = Undefended.changed(fresh, changes);
        Path output = fresh.resolve("output");
        Process process =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-Xmx128m",
                                "-XX:+UseSerialGC",
                                "-XX:+ExitOnOutOfMemoryError",
                                "--enable-native-access=ALL-UNNAMED",
                                "-cp",
                                classes
                                        + File.pathSeparator
                                        + System.getProperty("java.class.path"),
                                "dev.millrace.batch.SimulatedRun",
                                fresh.toString(),
                                Long.toString(images),
                                Long.toString(images / 10))
                        .redirectErrorStream(true)
                        .redirectOutput(output.toFile())
                        .start();
        int code = process.waitFor();
        Files.deleteIfExists(fresh.resolve("results.jsonl"));
        String printed = Files.readString(output);
        List<Tenth> tenths =
                SLICE.matcher(printed)
                        .results()
                        .map(
                                slice ->
                                        new Tenth(
                                                Long.parseLong(slice.group(2)),
                                                Long.parseLong(slice.group(3)),
                                                Double.parseDouble(slice.group(1))))
                        .toList();
        return new End(code, tenths, printed);
    }
}
