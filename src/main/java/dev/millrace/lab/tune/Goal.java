package dev.millrace.lab.tune;

import java.time.Duration;

/**
 * What a setting is judged by: images per second, provided that the latency at {@code load} of them
 * keeps the bound.
 *
 * @param bound of the time from the queue to the callback without the download
 * @param percentile of that time, as people write it: 50, 90, 99 or 99.9
 * @param load share of a setting's throughput at which its latency is measured
 */
record Goal(Duration bound, String percentile, double load) {
    boolean kept(Measurement measured) {
        return measured.latencyMs() <= bound.toNanos() / 1e6;
    }
}
