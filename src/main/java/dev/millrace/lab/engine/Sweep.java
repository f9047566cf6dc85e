package dev.millrace.lab.engine;

import dev.millrace.gpu.Device;
import dev.millrace.gpu.DeviceException;
import dev.millrace.gpu.Engine;
import dev.millrace.gpu.EngineSource;
import dev.millrace.verify.BundleLane;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;

/**
 * Measures an engine at growing batches, until throughput stops growing or memory ends: the latency
 * of one batch alone, and the throughput of two lanes that take turns, as a worker drives them.
 */
public final class Sweep {
    private static final int LANES = 2;
    private static final int WARM_UP = 2;
    private static final int LEAST_RUNS = 4;

    /** Of the best throughput, what the chosen batch must reach. */
    private static final double ENOUGH = 0.97;

    /** Doublings without a gain after which no more are tried. */
    private static final int PATIENCE = 2;

    private final Device device;
    private final long measureNs;

    /**
     * @param measureNs how long each figure is measured
     */
    public Sweep(Device device, long measureNs) {
        this.device = device;
        this.measureNs = measureNs;
    }

    /**
     * @param imagesPerSecond of two lanes
     * @param latencyMs of one batch alone, median, both copies included
     * @param tensorBytes of the device that inputs and outputs of both lanes take
     */
    public record Point(int batch, double imagesPerSecond, double latencyMs, long tensorBytes) {}

    /**
     * @param chosen the smallest batch whose throughput is near the best; 0 where none ran
     * @param end why it stopped
     */
    public record Result(List<Point> points, int chosen, String end) {}

    /**
     * @param source with the largest batch that is to be tried
     */
    public Result run(EngineSource source, Consumer<Point> progress) {
        List<Point> points = new ArrayList<>();
        for (int batch = 1; batch <= source.maxBatch(); batch *= 2) {
            try {
                Point point = measure(withBatch(source, batch));
                points.add(point);
                progress.accept(point);
            } catch (DeviceException e) {
                if (e.sticky() || points.isEmpty()) {
                    throw e;
                }
                return result(points, "batch " + batch + " does not run: " + e.getMessage());
            }
            if (stopped(points)) {
                return result(points, "throughput stopped growing");
            }
        }
        return result(points, "the largest batch was reached");
    }

    private static EngineSource withBatch(EngineSource source, int batch) {
        return new EngineSource(
                source.name(),
                source.onnx(),
                source.plan(),
                source.inputs(),
                source.outputs(),
                batch);
    }

    private Point measure(EngineSource source) {
        int batch = source.maxBatch();
        try (Engine engine = device.load(source);
                BundleLane first = new BundleLane("sweep-0", device, engine);
                BundleLane second = new BundleLane("sweep-1", device, engine)) {
            for (int i = 0; i < WARM_UP; i++) {
                first.submit(batch);
                second.submit(batch);
                first.await();
                second.await();
            }
            double latencyMs = latencyMs(first, batch);
            double rate = imagesPerSecond(first, second, batch);
            return new Point(batch, rate, latencyMs, LANES * BundleLane.tensorBytes(engine));
        }
    }

    private double latencyMs(BundleLane lane, int batch) {
        List<Long> times = new ArrayList<>();
        long startNs = System.nanoTime();
        while (times.size() < LEAST_RUNS || System.nanoTime() - startNs < measureNs) {
            long submittedNs = System.nanoTime();
            lane.submit(batch);
            lane.await();
            times.add(System.nanoTime() - submittedNs);
        }
        long[] sorted = times.stream().mapToLong(Long::longValue).sorted().toArray();
        return Arrays.stream(sorted).skip(sorted.length / 2).findFirst().orElse(0) / 1e6;
    }

    private double imagesPerSecond(BundleLane first, BundleLane second, int batch) {
        long startNs = System.nanoTime();
        first.submit(batch);
        int done = 0;
        BundleLane running = first;
        while (done < LEAST_RUNS || System.nanoTime() - startNs < measureNs) {
            BundleLane next = running == first ? second : first;
            next.submit(batch);
            running.await();
            running = next;
            done++;
        }
        running.await();
        return (done + 1.0) * batch / ((System.nanoTime() - startNs) / 1e9);
    }

    private static boolean stopped(List<Point> points) {
        int size = points.size();
        if (size <= PATIENCE) {
            return false;
        }
        double before = best(points.subList(0, size - PATIENCE));
        return best(points) * ENOUGH <= before;
    }

    private static double best(List<Point> points) {
        return points.stream().mapToDouble(Point::imagesPerSecond).max().orElse(0);
    }

    private static Result result(List<Point> points, String end) {
        int chosen =
                points.stream()
                        .filter(point -> point.imagesPerSecond() >= ENOUGH * best(points))
                        .mapToInt(Point::batch)
                        .findFirst()
                        .orElse(0);
        return new Result(List.copyOf(points), chosen, end);
    }
}
