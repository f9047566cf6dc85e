package dev.millrace.lab.engine;

import dev.millrace.gpu.Device;
import dev.millrace.gpu.Event;
import dev.millrace.gpu.Memory;
import dev.millrace.gpu.Stream;
import dev.millrace.gpu.cuda.CudaKernels;
import dev.millrace.infer.Lane;
import dev.millrace.job.Rows;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntConsumer;

/**
 * What both arrangements of streams make of copies beside computing, with batches that only spin:
 * one, two and three lanes as the worker has them, and two and three batches on three streams.
 */
final class StreamsExperiment {
    private static final int MOST_IN_FLIGHT = 3;
    private static final int MIN_BATCHES = 8;
    private static final int MOST_AT_ONCE = 500;

    private final Device device;
    private final CudaKernels kernels;
    private final long measureNs;

    /**
     * @param each how long each figure is measured
     */
    StreamsExperiment(Device device, CudaKernels kernels, Duration each) {
        this.device = device;
        this.kernels = kernels;
        this.measureNs = each.toNanos();
    }

    /**
     * @param batchMs time per batch; its inverse is the rate
     * @param latencyMs from when a batch is sent until it is done
     */
    record Timing(double batchMs, double latencyMs) {}

    /**
     * One size of batch and one time of computing, in milliseconds per batch.
     *
     * @param computeMs computing alone, back to back
     * @param copyInMs copies to the device alone
     * @param lanes with one, two and three of them
     * @param threeStreams with two and three batches in flight
     */
    record Row(
            int rows,
            double spinMs,
            double computeMs,
            double copyInMs,
            List<Timing> lanes,
            List<Timing> threeStreams) {}

    /** Measures one row of the table. */
    Row measure(int batch, Duration spin) {
        SpinEngine engine = new SpinEngine(kernels, spin, batch);
        try (Rows rows = new Rows(MOST_IN_FLIGHT * batch, device, engine)) {
            double computeMs = compute(engine, rows, batch);
            double copyMs = copy(rows, batch);
            List<Timing> lanes = new ArrayList<>();
            for (int count = 1; count <= MOST_IN_FLIGHT; count++) {
                lanes.add(run(Arrangement.lanes(count, device, engine, rows, batch)));
            }
            List<Timing> three = new ArrayList<>();
            for (int count = 2; count <= MOST_IN_FLIGHT; count++) {
                three.add(
                        run(new ThreeStreams(count, device, engine, rows, batch, kernels::await)));
            }
            return new Row(batch, spin.toNanos() / 1e6, computeMs, copyMs, lanes, three);
        }
    }

    private double compute(SpinEngine engine, Rows rows, int batch) {
        try (Lane lane = new Lane("streams-compute", device, engine, rows)) {
            return repeated(lane.done(), times -> lane.compute(batch, times));
        }
    }

    private double copy(Rows rows, int batch) {
        long bytes = batch * rows.input().spec().rowBytes();
        try (Memory memory = device.allocateDevice(bytes);
                Event done = device.createEvent();
                Stream stream = device.createStream("streams-copy")) {
            return repeated(
                    done,
                    times -> {
                        for (int i = 0; i < times; i++) {
                            stream.copyToDevice(memory, 0, rows.input().memory(), 0, bytes);
                        }
                        stream.record(done);
                    });
        }
    }

    /** The time of one of many, all sent at once, so that nothing is between them. */
    private double repeated(Event done, IntConsumer work) {
        together(MIN_BATCHES, done, work);
        double eachMs = together(MIN_BATCHES, done, work);
        long wanted = Math.round(measureNs / 1e6 / eachMs);
        return together(Math.clamp(wanted, MIN_BATCHES, MOST_AT_ONCE), done, work);
    }

    private static double together(int count, Event done, IntConsumer work) {
        long startNs = System.nanoTime();
        work.accept(count);
        done.synchronize();
        return (System.nanoTime() - startNs) / 1e6 / count;
    }

    private Timing run(Arrangement arrangement) {
        try (arrangement) {
            send(arrangement, 0);
            return send(arrangement, measureNs);
        }
    }

    /** Sends batches for a time, each place's next one when the one before is done. */
    private static Timing send(Arrangement arrangement, long forNs) {
        int places = arrangement.places();
        long[] sentNs = new long[places];
        long startNs = System.nanoTime();
        long waitedNs = 0;
        int sent = 0;
        while (sent < MIN_BATCHES || System.nanoTime() - startNs < forNs) {
            int place = sent % places;
            if (sent >= places) {
                waitedNs += finished(arrangement, place, sentNs);
            }
            sentNs[place] = System.nanoTime();
            arrangement.submit(place);
            sent++;
        }
        for (int i = 0; i < places; i++) {
            waitedNs += finished(arrangement, (sent + i) % places, sentNs);
        }
        return new Timing((System.nanoTime() - startNs) / 1e6 / sent, waitedNs / 1e6 / sent);
    }

    private static long finished(Arrangement arrangement, int place, long[] sentNs) {
        arrangement.done(place).synchronize();
        return System.nanoTime() - sentNs[place];
    }
}
