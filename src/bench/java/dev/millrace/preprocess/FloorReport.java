package dev.millrace.preprocess;

import dev.millrace.api.ColorOrder;
import dev.millrace.api.Fidelity;
import dev.millrace.api.InputTensor;
import dev.millrace.api.ResizeFilter;
import dev.millrace.image.ImageGate;
import dev.millrace.image.ImageHeader;
import dev.millrace.image.ImageLimits;
import dev.millrace.job.FailureException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.opencv.global.opencv_imgproc;

/**
 * CPU time of whole preprocessing paths as multiples of the floor: only decoding, at the chosen
 * scale. All paths take one photo after the other, in turns, so that whatever else the machine does
 * hits all alike. Rounds give the median and the spread.
 */
public final class FloorReport {
    private static final int PHOTOS = 200;
    private static final int SEED = 4;
    private static final int WARM_UP = 5;
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    private final List<byte[]> photos = WebPhotos.make(PHOTOS, SEED);
    private final List<ImageHeader> headers = new ArrayList<>();
    private final ImageGate gate = new ImageGate(ImageLimits.DEFAULT);

    /** One way to do (a part of) the work for one photo. */
    private interface Path {
        void run(int photo) throws FailureException;
    }

    private FloorReport() throws FailureException {
        for (byte[] photo : photos) {
            headers.add(gate.inspect(photo));
        }
    }

    /**
     * @param arguments how many rounds, 21 by default
     */
    public static void main(String... arguments) throws FailureException {
        int rounds = arguments.length == 0 ? 21 : Integer.parseInt(arguments[0]);
        FloorReport report = new FloorReport();
        for (Target target : Target.values()) {
            report.measure(target, rounds);
        }
    }

    private void measure(Target target, int rounds) throws FailureException {
        try (Arena arena = Arena.ofShared();
                DecodedImage withNative =
                        image(NativeResizer.create(ResizeFilter.BILINEAR).orElseThrow());
                DecodedImage cubic =
                        image(NativeResizer.create(ResizeFilter.BICUBIC).orElseThrow());
                DecodedImage cubicInJava = image(new JavaResizer(ResizeFilter.BICUBIC));
                DecodedImage withJava = image(new JavaResizer(ResizeFilter.BILINEAR));
                ImageDecoder decoder = new ImageDecoder(ColorOrder.RGB)) {
            MemorySegment row = arena.allocate(3L * target.side * target.side);
            InputTensor input = new InputTensor(0, target.side, target.side, row);
            List<OpenCvPath> openCv = openCv(target, arena, row);
            Map<String, Path> paths = new LinkedHashMap<>();
            paths.put("floor", i -> openCv.get(i).decode(reduction(target, i)));
            paths.put("millrace, native", i -> whole(withNative, target, input, i));
            paths.put("millrace, Java", i -> whole(withJava, target, input, i));
            paths.put("native, bicubic", i -> whole(cubic, target, input, i));
            paths.put("Java, bicubic", i -> whole(cubicInJava, target, input, i));
            paths.put("of it the gate", i -> gate.inspect(photos.get(i)));
            paths.put(
                    "of it copy and decode",
                    i ->
                            decoder.decode(
                                    photos.get(i), headers.get(i), reduction(target, i), false));
            paths.put(
                    "OpenCV INTER_AREA",
                    i -> openCv(openCv.get(i), target, i, opencv_imgproc.INTER_AREA));
            paths.put(
                    "OpenCV INTER_LINEAR",
                    i -> openCv(openCv.get(i), target, i, opencv_imgproc.INTER_LINEAR));
            print(target, paths.keySet(), times(List.copyOf(paths.values()), rounds));
            openCv.forEach(OpenCvPath::close);
        }
    }

    private static DecodedImage image(Resizer resizer) {
        return new DecodedImage(ColorOrder.RGB, Fidelity.FAST, DecodeBudget.unlimited(), resizer);
    }

    private List<OpenCvPath> openCv(Target target, Arena arena, MemorySegment row) {
        List<OpenCvPath> paths = new ArrayList<>();
        for (int i = 0; i < PHOTOS; i++) {
            Resizer.Window window = target.window(headers.get(i));
            paths.add(new OpenCvPath(photos.get(i), arena, row, window.width(), window.height()));
        }
        return paths;
    }

    private int reduction(Target target, int photo) {
        return target.reduction(headers.get(photo));
    }

    private void whole(DecodedImage image, Target target, InputTensor input, int photo)
            throws FailureException {
        byte[] body = photos.get(photo);
        image.show(body, gate.inspect(body));
        image.fit(target.rule, input);
        image.forget();
    }

    private void openCv(OpenCvPath path, Target target, int photo, int interpolation) {
        path.decode(reduction(target, photo));
        path.resize(interpolation);
    }

    /** Nanoseconds for all photos, of each round and path. */
    private static long[][] times(List<Path> paths, int rounds) throws FailureException {
        long[][] times = new long[rounds][paths.size()];
        for (int round = -WARM_UP; round < rounds; round++) {
            for (int turn = 0; turn < paths.size(); turn++) {
                int path = (turn + round + WARM_UP) % paths.size();
                long start = THREADS.getCurrentThreadCpuTime();
                for (int photo = 0; photo < PHOTOS; photo++) {
                    paths.get(path).run(photo);
                }
                if (round >= 0) {
                    times[round][path] = THREADS.getCurrentThreadCpuTime() - start;
                }
            }
        }
        return times;
    }

    private static void print(Target target, Iterable<String> names, long[][] times) {
        System.out.printf(
                "%n%s%n%-24s %9s   of the floor: median (min to max)%n", target, "", "ms");
        int path = 0;
        for (String name : names) {
            int column = path++;
            double[] ms = sorted(times, column, false);
            double[] ratio = sorted(times, column, true);
            System.out.printf(
                    "%-24s %9.3f   %.3f (%.3f to %.3f)%n",
                    name,
                    ms[ms.length / 2] / 1e6 / PHOTOS,
                    ratio[ratio.length / 2],
                    ratio[0],
                    ratio[ratio.length - 1]);
        }
    }

    private static double[] sorted(long[][] times, int path, boolean ofFloor) {
        return Arrays.stream(times)
                .mapToDouble(round -> (double) round[path] / (ofFloor ? round[0] : 1))
                .sorted()
                .toArray();
    }
}
