package dev.millrace.observe;

import io.prometheus.metrics.model.registry.Collector;
import io.prometheus.metrics.model.snapshots.InfoSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import java.util.List;
import java.util.function.Supplier;

/**
 * A metric of {@code /metrics} whose value is always 1 and whose labels say something, such as the
 * version of what runs. They are asked for each time, since models are replaced.
 *
 * @param name without the {@code _info} at its end
 * @param facts the labels of each series, as names and values by turns
 */
record InfoMetrics(String name, String help, Supplier<List<String[]>> facts) implements Collector {
    @Override
    public InfoSnapshot collect() {
        InfoSnapshot.Builder snapshot = InfoSnapshot.builder().name(name).help(help);
        for (String[] labels : facts.get()) {
            snapshot.dataPoint(
                    InfoSnapshot.InfoDataPointSnapshot.builder().labels(Labels.of(labels)).build());
        }
        return snapshot.build();
    }
}
