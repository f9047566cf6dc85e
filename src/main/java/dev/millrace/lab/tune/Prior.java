package dev.millrace.lab.tune;

/**
 * What a setting should reach by a queueing model: the slowest of the preprocess threads, all cores
 * and the device gives the throughput, and batches that wait for the device the latency. It is
 * wrong by what it does not know, such as cores that wait for memory; the search corrects it.
 *
 * @param cores of this machine
 * @param decodeMs CPU time of a preprocess thread per image
 * @param otherMs CPU time per image of everything else on this machine
 * @param alone what a batch takes with one lane
 * @param overlapped what a batch adds with several lanes, whose copies overlap
 */
record Prior(
        int cores,
        double decodeMs,
        double otherMs,
        CostLine alone,
        CostLine overlapped,
        Goal goal) {
    /** Between two batches of a single lane the device idles for a wake-up. */
    private static final double GAP_MS = 0.2;

    private static final int STEPS = 30;

    /** From what the first run of the worker showed. */
    static Prior of(Measurement first, int cores, Curve device, Goal goal) {
        double otherMs = Math.max(0, first.cpuMs() - first.decodeMs()) + first.helpersMs();
        return new Prior(
                cores, first.decodeMs(), otherMs, device.alone(), device.overlapped(), goal);
    }

    /** The device by itself, over all models. */
    record Curve(CostLine alone, CostLine overlapped) {}

    double imagesPerSecond(Setting setting) {
        double threads = Math.min(setting.threads(), cores) * 1e3 / decodeMs;
        double machine = cores * 1e3 / (decodeMs + otherMs);
        return Math.min(Math.min(threads, machine), deviceLimit(setting));
    }

    /** Images per second that the device takes in full batches. */
    double deviceLimit(Setting setting) {
        return setting.batch() * 1e3 / batchMs(setting, setting.batch());
    }

    private double batchMs(Setting setting, double rows) {
        return setting.lanes() == 1 ? alone.ms(rows) + GAP_MS : overlapped.ms(rows);
    }

    /** A high percentile at the goal's load, in milliseconds. */
    double latencyMs(Setting setting) {
        double perMs = goal.load() * imagesPerSecond(setting) / 1e3;
        double rows = 1;
        for (int step = 0; step < STEPS; step++) {
            rows = Math.clamp(perMs * batchMs(setting, rows), 1, setting.batch());
        }
        double batch = batchMs(setting, rows);
        // With one lane nothing lingers: a lane that is free is not busy.
        double lingers =
                setting.lanes() == 1 ? 0 : Math.min(setting.linger().toNanos() / 1e6, batch);
        double queues = decodeMs * (1 + goal.load() / (1 - goal.load()));
        // A batch that has just begun, and one's own.
        return queues + lingers + 2 * batch;
    }
}
