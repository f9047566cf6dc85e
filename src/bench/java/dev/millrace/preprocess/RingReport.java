package dev.millrace.preprocess;

import dev.millrace.gpu.host.SimulatedCost;
import dev.millrace.job.RingSize;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * How many of many preprocess threads are busy, on average, with images that take log-normally
 * distributed times. They sleep for it, so that two cores can show what sixty-four would do. The
 * ring has the worker's size and, in turns, that of a few batches alone.
 *
 * <p>Arguments: threads, rows per batch, mean milliseconds per image, sigma, rounds.
 */
public final class RingReport {
    private static final long ROW_BYTES = 224 * 224 * 3;
    private static final long SETTLE_MS = 2_000;
    private static final long MEASURE_MS = 5_000;

    private final int threads;
    private final int maxBatch;
    private final double meanMs;
    private final double sigma;

    private RingReport(int threads, int maxBatch, double meanMs, double sigma) {
        this.threads = threads;
        this.maxBatch = maxBatch;
        this.meanMs = meanMs;
        this.sigma = sigma;
    }

    public static void main(String[] arguments) throws InterruptedException {
        RingReport report =
                new RingReport(
                        Integer.parseInt(arguments[0]),
                        Integer.parseInt(arguments[1]),
                        Double.parseDouble(arguments[2]),
                        Double.parseDouble(arguments[3]));
        report.compare(Integer.parseInt(arguments[4]));
    }

    private void compare(int rounds) throws InterruptedException {
        int full = RingSize.of(threads, maxBatch, ROW_BYTES).slots();
        List<Double> now = new ArrayList<>();
        List<Double> before = new ArrayList<>();
        for (int i = 0; i < rounds; i++) {
            now.add(busy(full));
            before.add(busy(4 * maxBatch));
        }
        print(full, now);
        print(4 * maxBatch, before);
    }

    private void print(int slots, List<Double> busy) {
        List<Double> sorted = busy.stream().sorted().toList();
        System.out.printf(
                Locale.ROOT,
                "%d slots: %.1f (%.1f to %.1f) of %d threads busy%n",
                slots,
                sorted.get(sorted.size() / 2),
                sorted.getFirst(),
                sorted.getLast(),
                threads);
    }

    private double busy(int slots) throws InterruptedException {
        AtomicLong seed = new AtomicLong(1);
        // A device that is never in the way.
        SimulatedCost cost = new SimulatedCost(0.1, 0.01);
        try (FullRing ring =
                new FullRing(slots, threads, maxBatch, cost, () -> sleep(seed.getAndIncrement()))) {
            Thread.sleep(SETTLE_MS);
            long startNs = System.nanoTime();
            long busyNs = ring.clock().busyNs();
            long images = ring.clock().items();
            long batches = ring.batches().batches();
            Thread.sleep(MEASURE_MS);
            double elapsedNs = System.nanoTime() - startNs;
            double busy = (ring.clock().busyNs() - busyNs) / elapsedNs;
            long done = ring.clock().items() - images;
            System.out.printf(
                    Locale.ROOT,
                    "%d slots: %.1f busy, %.0f images/s, %.2f ms each, batches of %.1f%n",
                    slots,
                    busy,
                    done / elapsedNs * 1e9,
                    busy * elapsedNs / done / 1e6,
                    (double) done / (ring.batches().batches() - batches));
            return busy;
        }
    }

    private void sleep(long seed) {
        double normal = new SplittableRandom(seed).nextGaussian();
        double ms = meanMs * Math.exp(sigma * normal - sigma * sigma / 2);
        long untilNs = System.nanoTime() + Math.round(ms * 1e6);
        long leftNs;
        while ((leftNs = untilNs - System.nanoTime()) > 0) {
            LockSupport.parkNanos(leftNs);
        }
    }
}
