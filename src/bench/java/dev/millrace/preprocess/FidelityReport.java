package dev.millrace.preprocess;

import dev.millrace.api.ColorOrder;
import dev.millrace.api.Fidelity;
import dev.millrace.api.InputTensor;
import dev.millrace.bundle.Bundle;
import dev.millrace.bundle.graph.Bundles;
import dev.millrace.bundle.graph.GraphRun;
import dev.millrace.image.ImageGate;
import dev.millrace.image.ImageLimits;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.opencv.global.opencv_imgproc;

/**
 * What each fidelity costs and changes, over the photos of {@link FloorReport} at the input of
 * {@code safety}: against all of the JPEG with the same filter, and against all of it with exact
 * area averaging, which is OpenCV's.
 */
public final class FidelityReport {
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();
    private static final int ROUNDS = 5;

    private final List<byte[]> photos;
    private final ImageGate gate = new ImageGate(ImageLimits.DEFAULT);
    private final Bundle safety;

    private FidelityReport(boolean progressive, Path cache) {
        photos = WebPhotos.make(200, 4, progressive);
        safety = Bundles.load(Path.of("engines/safety"), cache);
    }

    /**
     * @param arguments {@code progressive} for the photos as progressive JPEGs
     */
    public static void main(String... arguments) throws Exception {
        Path cache = Files.createTempDirectory("millrace");
        new FidelityReport(List.of(arguments).contains("progressive"), cache).print();
        deleteAll(cache);
    }

    private static void deleteAll(Path folder) throws IOException {
        try (var files = Files.walk(folder)) {
            for (Path file : files.sorted((a, b) -> b.compareTo(a)).toList()) {
                Files.delete(file);
            }
        }
    }

    private void print() throws Exception {
        List<byte[]> area = areaAveraged();
        int[] areaLabels = labels(area);
        List<byte[]> exact = rows(Fidelity.EXACT);
        int[] exactLabels = labels(exact);
        System.out.println(
                "fidelity, CPU ms; PSNR dB (least), levels, same label: of exact; of area");
        for (Fidelity fidelity : Fidelity.values()) {
            List<byte[]> rows = rows(fidelity);
            int[] labels = labels(rows);
            System.out.printf(
                    "%-6s %.3f; %s; %s%n",
                    fidelity,
                    cpuMs(fidelity),
                    compared(rows, exact) + ", " + same(labels, exactLabels),
                    compared(rows, area) + ", " + same(labels, areaLabels));
        }
    }

    private List<byte[]> rows(Fidelity fidelity) throws Exception {
        List<byte[]> rows = new ArrayList<>();
        try (Arena arena = Arena.ofShared();
                DecodedImage image =
                        new DecodedImage(ColorOrder.RGB, fidelity, DecodeBudget.unlimited())) {
            MemorySegment row = arena.allocate(3L * 224 * 224);
            for (byte[] photo : photos) {
                fit(image, photo, row);
                rows.add(row.toArray(ValueLayout.JAVA_BYTE));
            }
        }
        return rows;
    }

    private void fit(DecodedImage image, byte[] photo, MemorySegment row) throws Exception {
        image.show(photo, gate.inspect(photo));
        image.fit(Target.STRETCH_224.rule, new InputTensor(0, 224, 224, row));
        image.forget();
    }

    private List<byte[]> areaAveraged() {
        List<byte[]> rows = new ArrayList<>();
        try (Arena arena = Arena.ofShared()) {
            MemorySegment row = arena.allocate(3L * 224 * 224);
            for (byte[] photo : photos) {
                try (OpenCvPath path = new OpenCvPath(photo, arena, row, 224, 224)) {
                    path.decode(1);
                    path.resize(opencv_imgproc.INTER_AREA);
                }
                rows.add(row.toArray(ValueLayout.JAVA_BYTE));
            }
        }
        return rows;
    }

    /** CPU time of an image, the middle one of some rounds. */
    private double cpuMs(Fidelity fidelity) throws Exception {
        double[] ms = new double[ROUNDS];
        try (Arena arena = Arena.ofShared();
                DecodedImage image =
                        new DecodedImage(ColorOrder.RGB, fidelity, DecodeBudget.unlimited())) {
            MemorySegment row = arena.allocate(3L * 224 * 224);
            for (int round = 0; round < ROUNDS; round++) {
                long start = THREADS.getCurrentThreadCpuTime();
                for (byte[] photo : photos) {
                    fit(image, photo, row);
                }
                ms[round] = (THREADS.getCurrentThreadCpuTime() - start) / 1e6 / photos.size();
            }
        }
        Arrays.sort(ms);
        return ms[ROUNDS / 2];
    }

    private int[] labels(List<byte[]> rows) throws Exception {
        GraphRun run = GraphRun.onPixels(safety, rows.toArray(byte[][]::new));
        int[] labels = new int[rows.size()];
        for (int image = 0; image < labels.length; image++) {
            float[] scores = run.row("output", image);
            for (int label = 1; label < scores.length; label++) {
                labels[image] = scores[label] > scores[labels[image]] ? label : labels[image];
            }
        }
        return labels;
    }

    private static String same(int[] labels, int[] expected) {
        int same = 0;
        for (int i = 0; i < labels.length; i++) {
            same += labels[i] == expected[i] ? 1 : 0;
        }
        return "%.1f %%".formatted(100.0 * same / labels.length);
    }

    private static String compared(List<byte[]> rows, List<byte[]> expected) {
        double squares = 0;
        double levels = 0;
        double worst = 0;
        long bytes = 0;
        for (int image = 0; image < rows.size(); image++) {
            byte[] row = rows.get(image);
            double ofImage = 0;
            for (int i = 0; i < row.length; i++) {
                int off = Byte.toUnsignedInt(row[i]) - Byte.toUnsignedInt(expected.get(image)[i]);
                ofImage += off * off;
                levels += Math.abs(off);
            }
            worst = Math.max(worst, ofImage / row.length);
            squares += ofImage;
            bytes += row.length;
        }
        return "%.1f (%.1f), %.2f"
                .formatted(decibels(squares / bytes), decibels(worst), levels / bytes);
    }

    private static double decibels(double meanSquare) {
        return 10 * Math.log10(255.0 * 255.0 / meanSquare);
    }
}
