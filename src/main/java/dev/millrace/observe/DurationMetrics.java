package dev.millrace.observe;

import dev.millrace.job.Durations;
import dev.millrace.job.ExponentialRanges;
import io.prometheus.metrics.model.registry.Collector;
import io.prometheus.metrics.model.snapshots.ClassicHistogramBuckets;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.NativeHistogramBuckets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * A histogram of {@code /metrics}, with a series for each {@link Durations} that was added to it.
 * They are read when somebody asks. Its ranges are the same in each worker, so that a quantile over
 * all of them can be computed. Prometheus' native histogram is beside the classic one, where the
 * format of the answer can carry it.
 */
final class DurationMetrics implements Collector {
    private final String name;
    private final String help;
    private final List<Series> all = new CopyOnWriteArrayList<>();

    private record Series(Labels labels, Durations durations) {}

    DurationMetrics(String name, String help) {
        this.name = name;
        this.help = help;
    }

    /**
     * @param labels names and values, by turns
     */
    DurationMetrics add(Durations durations, String... labels) {
        all.add(new Series(Labels.of(labels), durations));
        return this;
    }

    @Override
    public HistogramSnapshot collect() {
        HistogramSnapshot.Builder snapshot = HistogramSnapshot.builder().name(name).help(help);
        for (Series series : all) {
            Durations durations = series.durations();
            Durations.Reading reading = durations.reading();
            snapshot.dataPoint(
                    HistogramSnapshot.HistogramDataPointSnapshot.builder()
                            .labels(series.labels())
                            .classicHistogramBuckets(classic(durations, reading.classic()))
                            .nativeSchema(ExponentialRanges.SCHEMA)
                            .nativeZeroThreshold(ExponentialRanges.ZERO_SECONDS)
                            .nativeZeroCount(reading.exponential()[0])
                            .nativeBucketsForPositiveValues(exponential(reading.exponential()))
                            .sum(durations.totalNs() / 1e9)
                            .build());
        }
        return snapshot.build();
    }

    private static ClassicHistogramBuckets classic(Durations durations, long[] counts) {
        double[] bounds = durations.boundsSeconds();
        ClassicHistogramBuckets.Builder buckets = ClassicHistogramBuckets.builder();
        for (int i = 0; i < counts.length; i++) {
            buckets.bucket(i < bounds.length ? bounds[i] : Double.POSITIVE_INFINITY, counts[i]);
        }
        return buckets.build();
    }

    /** Those that hold anything, which are few. */
    private static NativeHistogramBuckets exponential(long[] counts) {
        NativeHistogramBuckets.Builder buckets = NativeHistogramBuckets.builder();
        for (int range = 1; range < counts.length; range++) {
            if (counts[range] > 0) {
                buckets.bucket(ExponentialRanges.number(range), counts[range]);
            }
        }
        return buckets.build();
    }
}
