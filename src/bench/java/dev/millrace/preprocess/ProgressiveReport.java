package dev.millrace.preprocess;

import dev.millrace.api.ColorOrder;
import dev.millrace.api.ResizeFilter;
import dev.millrace.image.ImageGate;
import dev.millrace.image.ImageHeader;
import dev.millrace.image.ImageLimits;
import dev.millrace.job.FailureException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.bytedeco.opencv.opencv_core.Mat;

/**
 * CPU time of progressive photos: copied, decoded and resized with all of their scans and without
 * those that {@code fidelity: fast} leaves out, beside the same photos as baseline JPEGs. And by
 * how much that changes the input, beside what reducing them changes.
 */
public final class ProgressiveReport implements AutoCloseable {
    private static final int PHOTOS = 200;
    private static final int SEED = 4;
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();
    private static final ImageGate GATE = new ImageGate(ImageLimits.DEFAULT);

    private final List<byte[]> baseline = WebPhotos.make(PHOTOS, SEED, false);
    private final List<byte[]> progressive = WebPhotos.make(PHOTOS, SEED, true);
    private final Arena arena = Arena.ofShared();
    private final ImageDecoder decoder = new ImageDecoder(ColorOrder.RGB);
    private final Resizer resizer = Resizer.create(ResizeFilter.BILINEAR);
    private final Target target;
    private final MemorySegment row;

    private ProgressiveReport(Target target) {
        this.target = target;
        this.row = arena.allocate(3L * target.side * target.side);
    }

    /**
     * @param arguments how many rounds, 11 by default
     */
    public static void main(String... arguments) throws FailureException {
        int rounds = arguments.length == 0 ? 11 : Integer.parseInt(arguments[0]);
        for (Target target : Target.values()) {
            try (ProgressiveReport report = new ProgressiveReport(target)) {
                System.out.println(target);
                for (int reduction = 1; reduction <= 8; reduction *= 2) {
                    report.print(reduction, rounds);
                }
                report.print(0, rounds);
            }
        }
    }

    /**
     * @param reduction of the photos that are taken; 0 for all
     */
    private void print(int reduction, int rounds) throws FailureException {
        int[] taken = new int[PHOTOS];
        int count = 0;
        for (int i = 0; i < PHOTOS; i++) {
            if (reduction == 0 || reduction(header(progressive.get(i))) == reduction) {
                taken[count++] = i;
            }
        }
        if (count == 0) {
            return;
        }
        taken = Arrays.copyOf(taken, count);
        double[][] ms = new double[3][rounds];
        for (int round = -1; round < rounds; round++) {
            double[] found = {
                cpuMs(baseline, taken, false),
                cpuMs(progressive, taken, true),
                cpuMs(progressive, taken, false)
            };
            for (int path = 0; path < found.length && round >= 0; path++) {
                ms[path][round] = found[path];
            }
        }
        System.out.printf(
                Locale.ROOT,
                "%s, %d photos: baseline %s, all scans %s, without the spare %s; %s%n",
                reduction == 0 ? "all" : "1/" + reduction,
                count,
                spread(ms[0]),
                spread(ms[1]),
                spread(ms[2]),
                changes(taken));
    }

    private double cpuMs(List<byte[]> photos, int[] taken, boolean exactly)
            throws FailureException {
        long start = THREADS.getCurrentThreadCpuTime();
        for (int photo : taken) {
            ImageHeader header = header(photos.get(photo));
            write(photos.get(photo), header, reduction(header), exactly);
        }
        return (THREADS.getCurrentThreadCpuTime() - start) / 1e6 / taken.length;
    }

    private String changes(int[] taken) throws FailureException {
        double leftOut = 0;
        double reduced = 0;
        int more = 0;
        for (int photo : taken) {
            byte[] body = progressive.get(photo);
            ImageHeader header = header(body);
            byte[] scaled = write(body, header, reduction(header), true);
            double ours = levels(scaled, write(body, header, reduction(header), false));
            double fast = levels(scaled, write(body, header, 1, true));
            leftOut += ours;
            reduced += fast;
            more += ours > fast ? 1 : 0;
        }
        return "changes %.2f levels, reducing %.2f; more in %d photos"
                .formatted(leftOut / taken.length, reduced / taken.length, more);
    }

    private byte[] write(byte[] body, ImageHeader header, int reduction, boolean exactly)
            throws FailureException {
        Mat pixels = decoder.decode(body, header, reduction, exactly);
        Resizer.Window window = target.window(header);
        long rowBytes = pixels.step();
        resizer.resize(
                ImageDecoder.bytes(pixels, rowBytes * pixels.rows()),
                pixels.cols(),
                pixels.rows(),
                rowBytes,
                window,
                row,
                0,
                3L * window.width());
        return row.toArray(ValueLayout.JAVA_BYTE);
    }

    private int reduction(ImageHeader header) {
        return target.reduction(header);
    }

    private static ImageHeader header(byte[] body) throws FailureException {
        return GATE.inspect(body);
    }

    private static double levels(byte[] expected, byte[] found) {
        double sum = 0;
        for (int i = 0; i < expected.length; i++) {
            sum += Math.abs(Byte.toUnsignedInt(expected[i]) - Byte.toUnsignedInt(found[i]));
        }
        return sum / expected.length;
    }

    private static String spread(double[] ms) {
        Arrays.sort(ms);
        return String.format(
                Locale.ROOT, "%.3f (%.3f to %.3f) ms", ms[ms.length / 2], ms[0], ms[ms.length - 1]);
    }

    @Override
    public void close() {
        decoder.close();
        resizer.close();
        arena.close();
    }
}
