package dev.millrace.lab.engine;

import dev.millrace.gpu.Device;
import dev.millrace.gpu.Engine;
import dev.millrace.infer.Lane;
import dev.millrace.job.Rows;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntPredicate;

/**
 * How well lanes hide the copies of a model's batches: the same batch computed back to back, sent
 * through one lane, and sent through two.
 *
 * @param computeMs per batch: computing alone, back to back
 * @param seriesMs per batch: copy in, compute, copy out on one lane, one batch at a time
 * @param overlappedMs per batch: two lanes
 */
public record Overlap(int batch, double computeMs, double seriesMs, double overlappedMs) {
    private static final int WARM_UP = 3;

    /** The rate of two lanes as a share of what computing alone allows; 1 hides every copy. */
    public double hidden() {
        return computeMs / overlappedMs;
    }

    /** How many times faster two lanes are than one. */
    public double gain() {
        return seriesMs / overlappedMs;
    }

    /**
     * @param rounds batches for each of the three figures
     */
    public static Overlap measure(Device device, Engine engine, int batch, int rounds) {
        try (Rows rows = new Rows(2 * batch, device, engine)) {
            Noise.fill(rows);
            return new Overlap(
                    batch,
                    compute(device, engine, rows, batch, rounds),
                    lanes(1, device, engine, rows, batch, rounds),
                    lanes(2, device, engine, rows, batch, rounds));
        }
    }

    private static double compute(Device device, Engine engine, Rows rows, int batch, int rounds) {
        try (Lane lane = new Lane("overlap-compute", device, engine, rows)) {
            // Brings the noise to the device.
            lane.submit(0, batch);
            lane.done().synchronize();
            lane.compute(batch, WARM_UP);
            lane.done().synchronize();
            long startNs = System.nanoTime();
            lane.compute(batch, rounds);
            lane.done().synchronize();
            return (System.nanoTime() - startNs) / 1e6 / rounds;
        }
    }

    private static double lanes(
            int count, Device device, Engine engine, Rows rows, int batch, int rounds) {
        List<Lane> lanes = new ArrayList<>();
        try {
            for (int i = 0; i < count; i++) {
                lanes.add(new Lane("overlap-" + count + "-" + i, device, engine, rows));
            }
            batchMs(lanes, batch, done -> done < WARM_UP);
            return batchMs(lanes, batch, done -> done < rounds);
        } finally {
            lanes.reversed().forEach(Lane::close);
        }
    }

    /**
     * The time per batch of lanes that take turns, as those of a worker do.
     *
     * @param more asked with the number of batches so far, whether one more is sent
     */
    static double batchMs(List<Lane> lanes, int batch, IntPredicate more) {
        long startNs = System.nanoTime();
        int sent = 0;
        while (more.test(sent)) {
            int turn = sent % lanes.size();
            if (sent >= lanes.size()) {
                lanes.get(turn).done().synchronize();
            }
            lanes.get(turn).submit(turn * batch, batch);
            sent++;
        }
        lanes.stream().limit(sent).forEach(lane -> lane.done().synchronize());
        return (System.nanoTime() - startNs) / 1e6 / sent;
    }
}
