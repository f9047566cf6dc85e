package dev.millrace.preprocess;

import dev.millrace.api.ColorOrder;
import dev.millrace.api.Fidelity;
import dev.millrace.api.InputTensor;
import dev.millrace.image.ImageGate;
import dev.millrace.image.ImageLimits;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;

/**
 * CPU time of a photo in two numbers, for a machine or a container to be held against another: the
 * floor, which decodes and nothing else, and what a worker does, with the resizer that a worker has
 * here. {@code scripts/container-check.sh} runs it.
 */
public final class PreprocessCost {
    private static final int PHOTOS = 60;
    private static final int SEED = 4;
    private static final int WARM_UP = 12;
    private static final Target TARGET = Target.LETTERBOX_416;
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    private PreprocessCost() {}

    /**
     * @param arguments how many rounds, 20 by default
     */
    public static void main(String... arguments) throws Exception {
        int rounds = arguments.length == 0 ? 20 : Integer.parseInt(arguments[0]);
        List<byte[]> photos = WebPhotos.make(PHOTOS, SEED);
        ImageGate gate = new ImageGate(ImageLimits.DEFAULT);
        List<Double> floors = new ArrayList<>();
        List<Double> workers = new ArrayList<>();
        try (Arena arena = Arena.ofConfined();
                DecodeFloor floor = new DecodeFloor(photos, TARGET);
                DecodedImage image =
                        new DecodedImage(ColorOrder.RGB, Fidelity.FAST, DecodeBudget.unlimited())) {
            MemorySegment row = arena.allocate(3L * TARGET.side * TARGET.side);
            InputTensor input = new InputTensor(0, TARGET.side, TARGET.side, row);
            for (int round = -WARM_UP; round < rounds; round++) {
                long beginNs = THREADS.getCurrentThreadCpuTime();
                floor.all();
                long decodedNs = THREADS.getCurrentThreadCpuTime();
                for (byte[] photo : photos) {
                    image.show(photo, gate.inspect(photo));
                    image.fit(TARGET.rule, input);
                    image.forget();
                }
                long endNs = THREADS.getCurrentThreadCpuTime();
                if (round >= 0) {
                    floors.add((decodedNs - beginNs) / 1e6 / PHOTOS);
                    workers.add((endNs - decodedNs) / 1e6 / PHOTOS);
                }
            }
        }
        System.out.printf(Locale.ROOT, "floor=%.4f worker=%.4f%n", median(floors), median(workers));
    }

    private static double median(List<Double> values) {
        Collections.sort(values);
        return values.get(values.size() / 2);
    }
}
