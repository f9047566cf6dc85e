package dev.millrace.lab.tune;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Function;

/**
 * Finds a good setting in few runs. After a first run each next one goes where the expected
 * improvement over the incumbent is largest; at the end the two best take turns, since a machine
 * that does other things as well makes single runs differ.
 */
final class Search {
    /** An expected improvement below this is not worth a run. */
    private static final double WORTH_A_RUN = 0.001;

    private final Grid grid;
    private final Goal goal;
    private final int runs;
    private final Function<Measurement, Prior> priorOf;
    private final List<Measurement> measured = new ArrayList<>();
    private Expectation expectation;

    /**
     * @param runs at most, the repetitions included; at least 1
     * @param priorOf from what the first run shows
     */
    Search(Grid grid, Goal goal, int runs, Function<Measurement, Prior> priorOf) {
        this.grid = grid;
        this.goal = goal;
        this.runs = runs;
        this.priorOf = priorOf;
    }

    /** Runs the worker with a setting. */
    interface Meter {
        Measurement measure(Setting setting) throws IOException;
    }

    Choice run(Setting start, Meter meter) throws IOException {
        Measurement first = meter.measure(start);
        Prior prior = priorOf.apply(first);
        expectation = new Expectation(prior, goal, Double.NaN);
        learn(first);
        int repeats = repeats();
        while (measured.size() < runs - repeats) {
            Setting next = mostPromising();
            if (next == null) {
                break;
            }
            learn(meter.measure(next));
        }
        for (int run = 0; run < repeats; run++) {
            learn(meter.measure(lessKnownOfTheBest()));
        }
        return Choice.among(measured, goal, prior);
    }

    /** An even number, about a quarter of all; none where there are hardly any. */
    private int repeats() {
        return runs < 4 ? 0 : 2 * Math.max(1, runs / 8);
    }

    private void learn(Measurement run) {
        measured.add(run);
        expectation.learn(run);
    }

    /** The setting to run next; null where none is worth it. */
    private Setting mostPromising() {
        Setting next = null;
        double most = WORTH_A_RUN;
        // The cheapest come first, and one that promises no more does not replace them.
        for (Setting setting : grid.settings()) {
            double gain = expectation.known().contains(setting) ? 0 : expectation.gain(setting);
            if (gain > most * (1 + 1e-6)) {
                most = gain;
                next = setting;
            }
        }
        return next;
    }

    private Setting lessKnownOfTheBest() {
        return expectation.known().stream()
                .sorted(
                        Comparator.comparingDouble(
                                        (Setting setting) -> -expectation.logScore(setting))
                                .thenComparing(Setting.BY_COST))
                .limit(2)
                .min(
                        Comparator.comparingLong(this::times)
                                .thenComparing(Comparator.comparingInt(this::lastRun)))
                .orElseThrow();
    }

    private long times(Setting setting) {
        return measured.stream().filter(run -> run.setting().equals(setting)).count();
    }

    private int lastRun(Setting setting) {
        return measured.stream().map(Measurement::setting).toList().lastIndexOf(setting);
    }
}
