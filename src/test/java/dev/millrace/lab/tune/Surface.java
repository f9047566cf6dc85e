package dev.millrace.lab.tune;

import java.util.Random;
import java.util.function.Function;

/**
 * A machine that answers at once: what a setting reaches on it, by other rules than the prior's, so
 * that the search has to measure.
 */
record Surface(String name, int cores, Prior.Curve device, Function<Setting, Truth> truth) {
    static final double DECODE_MS = 3;
    static final double OTHER_MS = 1.5;

    /** Without noise. */
    record Truth(double imagesPerSecond, double latencyMs) {}

    /** Decoding takes all cores; each batch costs CPU as well, and too many threads some more. */
    static Surface decodeBound() {
        return of(
                "decode-bound",
                new CostLine(2, 0.25),
                setting -> {
                    double perBatch = 0.8 * (1 + 0.3 * (setting.lanes() - 1));
                    double crowd = 1 + 0.06 * Math.max(0, setting.threads() - 2);
                    double cpu =
                            (DECODE_MS + OTHER_MS) * crowd
                                    + perBatch / Math.min(4, setting.batch());
                    double threads =
                            Math.pow(Math.min(2, setting.threads()), 0.8) * 1e3 / DECODE_MS;
                    double rate = Math.min(2e3 / cpu, threads);
                    return new Truth(rate, 8 + setting.linger().toMillis());
                });
    }

    /** One lane leaves the device idle while it copies; large batches pay. */
    static Surface deviceBound() {
        return of(
                "device-bound",
                new CostLine(60, 4),
                setting -> {
                    double batchMs = 60 + 4 * setting.batch() + (setting.lanes() == 1 ? 25 : 0);
                    double full = setting.linger().isZero() ? 0.93 : 1;
                    double rate = Math.min(300, full * setting.batch() * 1e3 / batchMs);
                    return new Truth(rate, 0.4 * batchMs);
                });
    }

    /** The largest batches are fastest and too slow for the bound. */
    static Surface latencyBound() {
        return of(
                "latency-bound",
                new CostLine(30, 5),
                setting -> {
                    double batchMs = 30 + 5 * setting.batch();
                    double rate =
                            setting.batch() * 1e3 / batchMs * (setting.lanes() == 1 ? 0.9 : 1);
                    double waiting = batchMs * (0.8 + 0.5 * setting.lanes());
                    return new Truth(Math.min(250, rate), waiting + setting.linger().toMillis());
                });
    }

    /** The models compute on the cores that decoding wants, and lanes get in each other's way. */
    static Surface sharedCores() {
        return of(
                "shared cores",
                new CostLine(1, 6),
                setting -> {
                    double compute = 6 * (1 + 0.25 * (setting.lanes() - 1)) + 4.0 / setting.batch();
                    double crowd = 1 + 0.05 * (setting.threads() - 1);
                    double rate = 2e3 / ((DECODE_MS + OTHER_MS) * crowd + compute);
                    return new Truth(rate, 20 + 5 * setting.batch());
                });
    }

    private static Surface of(String name, CostLine device, Function<Setting, Truth> truth) {
        return new Surface(name, 2, new Prior.Curve(device, device), truth);
    }

    /**
     * @param noise deviation of a run, a share
     */
    Search.Meter meter(double noise, long seed) {
        Random random = new Random(seed);
        return setting -> {
            Truth truth = truth().apply(setting);
            return new Measurement(
                    setting,
                    truth.imagesPerSecond() * Math.exp(noise * random.nextGaussian()),
                    truth.latencyMs() * Math.exp(noise * random.nextGaussian()),
                    DECODE_MS,
                    DECODE_MS + OTHER_MS,
                    0.5,
                    0.5,
                    1,
                    "");
        };
    }

    /** Images per second without noise; 0 where the bound is missed. */
    double worth(Setting setting, Goal goal) {
        Truth truth = truth().apply(setting);
        return truth.latencyMs() <= goal.bound().toMillis() ? truth.imagesPerSecond() : 0;
    }

    double best(Grid grid, Goal goal) {
        return grid.settings().stream()
                .mapToDouble(setting -> worth(setting, goal))
                .max()
                .orElse(0);
    }

    @Override
    public String toString() {
        return name;
    }
}
