package dev.millrace.observe;

import dev.millrace.job.Durations;
import io.prometheus.metrics.model.registry.Collector;
import io.prometheus.metrics.model.snapshots.ClassicHistogramBuckets;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * A histogram of {@code /metrics}, with a series for each {@link Durations} that was added to it.
 * They are read when somebody asks. Its ranges are the same in each worker, so that a quantile over
 * all of them can be computed.
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
            double[] bounds = durations.boundsSeconds();
            long[] counts = durations.counts();
            ClassicHistogramBuckets.Builder buckets = ClassicHistogramBuckets.builder();
            for (int i = 0; i < counts.length; i++) {
                buckets.bucket(i < bounds.length ? bounds[i] : Double.POSITIVE_INFINITY, counts[i]);
            }
            snapshot.dataPoint(
                    HistogramSnapshot.HistogramDataPointSnapshot.builder()
                            .labels(series.labels())
                            .classicHistogramBuckets(buckets.build())
                            .sum(durations.totalNs() / 1e9)
                            .build());
        }
        return snapshot.build();
    }
}
