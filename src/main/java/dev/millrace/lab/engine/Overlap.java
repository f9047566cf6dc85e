package dev.millrace.lab.engine;

import dev.millrace.gpu.Device;
import dev.millrace.gpu.Engine;
import dev.millrace.gpu.Event;
import dev.millrace.gpu.Memory;
import dev.millrace.gpu.Stream;
import dev.millrace.gpu.TensorSpec;
import dev.millrace.infer.Lane;
import dev.millrace.job.JobRing;
import java.util.ArrayList;
import java.util.List;

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

    /** The part of one lane's time in which nothing computes. */
    public double copyShare() {
        return 1 - computeMs / seriesMs;
    }

    /**
     * @param rounds batches for each of the three figures
     */
    public static Overlap measure(Device device, Engine engine, int batch, int rounds) {
        int rows = Integer.highestOneBit(2 * batch - 1) * 2;
        try (JobRing ring =
                new JobRing(
                        "overlap", rows, device, engine.inputs().getFirst(), engine.outputs())) {
            return new Overlap(
                    batch,
                    compute(device, engine, batch, rounds),
                    lanes(1, device, engine, ring, batch, rounds),
                    lanes(2, device, engine, ring, batch, rounds));
        }
    }

    private static double compute(Device device, Engine engine, int batch, int rounds) {
        List<Memory> memory = new ArrayList<>();
        try (Stream stream = device.createStream("overlap-compute");
                Event done = device.createEvent();
                Engine.Context context = engine.createContext()) {
            List<TensorSpec> tensors = new ArrayList<>(engine.inputs());
            tensors.addAll(engine.outputs());
            for (TensorSpec tensor : tensors) {
                memory.add(device.allocateDevice(engine.maxBatch() * tensor.rowBytes()));
                context.bind(tensor.name(), memory.getLast());
            }
            computeRounds(context, stream, done, batch, WARM_UP);
            return computeRounds(context, stream, done, batch, rounds);
        } finally {
            memory.forEach(Memory::close);
        }
    }

    private static double computeRounds(
            Engine.Context context, Stream stream, Event done, int batch, int rounds) {
        long startNs = System.nanoTime();
        for (int round = 0; round < rounds; round++) {
            context.enqueue(batch, stream);
        }
        stream.record(done);
        done.synchronize();
        return (System.nanoTime() - startNs) / 1e6 / rounds;
    }

    private static double lanes(
            int count, Device device, Engine engine, JobRing ring, int batch, int rounds) {
        List<Lane> lanes = new ArrayList<>();
        try {
            for (int i = 0; i < count; i++) {
                lanes.add(new Lane("overlap-" + count + "-" + i, device, engine, ring));
            }
            laneRounds(lanes, batch, WARM_UP);
            return laneRounds(lanes, batch, rounds);
        } finally {
            lanes.reversed().forEach(Lane::close);
        }
    }

    private static double laneRounds(List<Lane> lanes, int batch, int rounds) {
        long startNs = System.nanoTime();
        for (int round = 0; round < rounds; round++) {
            int i = round % lanes.size();
            if (round >= lanes.size()) {
                lanes.get(i).done().synchronize();
            }
            lanes.get(i).submit((long) i * batch, batch, startNs);
        }
        for (int i = 0; i < Math.min(lanes.size(), rounds); i++) {
            lanes.get(i).done().synchronize();
        }
        return (System.nanoTime() - startNs) / 1e6 / rounds;
    }
}
