package dev.millrace.lab.tune;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** The settings that may be chosen: every combination of these values, each list ascending. */
record Grid(
        List<Integer> threads, List<Integer> batches, List<Integer> lanes, List<Duration> lingers) {
    Grid {
        threads = threads.stream().distinct().sorted().toList();
        batches = batches.stream().distinct().sorted().toList();
        lanes = lanes.stream().distinct().sorted().toList();
        lingers = lingers.stream().distinct().sorted().toList();
    }

    /** What is worth a try on a machine of so many cores. */
    static Grid of(int cores) {
        return new Grid(
                List.of(Math.max(1, cores / 2), cores, cores + 1),
                List.of(1, 4, 8, 16, 32),
                List.of(1, 2, 3),
                List.of(Duration.ZERO, Duration.ofMillis(2), Duration.ofMillis(5)));
    }

    /** All, the cheapest first. */
    List<Setting> settings() {
        List<Setting> settings = new ArrayList<>();
        for (int thread : threads) {
            for (int batch : batches) {
                for (int lane : lanes) {
                    for (Duration linger : lingers) {
                        settings.add(new Setting(thread, batch, lane, linger));
                    }
                }
            }
        }
        settings.sort(Setting.BY_COST);
        return settings;
    }

    /** The one that is nearest to what a worker does by default. */
    Setting start(int cores) {
        return new Setting(
                nearest(threads, cores),
                nearest(batches, 8),
                nearest(lanes, 2),
                lingers.stream()
                        .min(Comparator.comparing(linger -> linger.minusMillis(5).abs()))
                        .orElseThrow());
    }

    private static int nearest(List<Integer> values, int wanted) {
        return values.stream()
                .min(Comparator.comparingInt(value -> Math.abs(value - wanted)))
                .orElseThrow();
    }
}
