package dev.millrace.lab.engine;

import dev.millrace.gpu.Device;
import dev.millrace.gpu.DeviceException;
import dev.millrace.gpu.Engine;
import dev.millrace.gpu.EngineSource;
import dev.millrace.infer.Lane;
import dev.millrace.job.Rows;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.IntPredicate;

/**
 * Measures an engine at growing batches, until throughput stops growing or memory ends: the latency
 * of one batch alone, and the throughput of two lanes that take turns, as a worker drives them.
 */
public final class Sweep {
    private static final int LANES = 2;
    private static final int WARM_UP = 2;
    private static final int MIN_RUNS = 4;

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
                Rows rows = new Rows(LANES * batch, device, engine);
                Lane first = new Lane("sweep-0", device, engine, rows);
                Lane second = new Lane("sweep-1", device, engine, rows)) {
            Noise.fill(rows);
            List<Lane> lanes = List.of(first, second);
            Overlap.batchMs(lanes, batch, sent -> sent < LANES * WARM_UP);
            double latencyMs = latencyMs(first, batch);
            double batchMs = Overlap.batchMs(lanes, batch, measuring());
            return new Point(batch, 1e3 * batch / batchMs, latencyMs, LANES * first.tensorBytes());
        }
    }

    private IntPredicate measuring() {
        long startNs = System.nanoTime();
        return runs -> runs < MIN_RUNS || System.nanoTime() - startNs < measureNs;
    }

    /** The median of one batch at a time. */
    private double latencyMs(Lane lane, int batch) {
        List<Double> times = new ArrayList<>();
        IntPredicate measuring = measuring();
        while (measuring.test(times.size())) {
            times.add(Overlap.batchMs(List.of(lane), batch, sent -> sent < 1));
        }
        return times.stream().sorted().toList().get(times.size() / 2);
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
