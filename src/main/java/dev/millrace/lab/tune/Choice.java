package dev.millrace.lab.tune;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What was found.
 *
 * @param measured every run, in order
 * @param chosen the cheapest of those that differ from the best by no more than {@code tolerance};
 *     where nothing keeps the bound, what comes nearest to it
 * @param alike the others of them, the best first
 * @param noise by which runs of the same setting differ, a share; NaN where none was repeated
 * @param kept whether {@code chosen} keeps the bound
 */
record Choice(
        List<Measurement> measured,
        Setting chosen,
        List<Setting> alike,
        double noise,
        double tolerance,
        boolean kept,
        Prior prior) {
    /** Differences up to the noise do not count, but within these limits. */
    private static final double MIN_TOLERANCE = 0.01;

    private static final double MAX_TOLERANCE = 0.03;

    static Choice among(List<Measurement> measured, Goal goal, Prior prior) {
        Map<Setting, List<Measurement>> runs = new LinkedHashMap<>();
        measured.forEach(
                run -> runs.computeIfAbsent(run.setting(), _ -> new ArrayList<>()).add(run));
        double noise = noise(runs);
        Expectation expectation = new Expectation(prior, goal, noise);
        measured.forEach(expectation::learn);
        List<Setting> within =
                runs.keySet().stream()
                        .filter(setting -> goal.kept(summary(measured, setting)))
                        .toList();
        List<Setting> candidates =
                within.isEmpty() ? List.of(nearest(measured, runs.keySet())) : within;
        double tolerance =
                Double.isNaN(noise)
                        ? MIN_TOLERANCE
                        : Math.clamp(noise, MIN_TOLERANCE, MAX_TOLERANCE);
        double best = expectation.best(candidates);
        List<Setting> alike =
                candidates.stream()
                        .filter(
                                setting ->
                                        expectation.logRate(setting)
                                                >= best + Math.log(1 - tolerance))
                        .sorted(
                                Comparator.comparingDouble(
                                        setting -> -expectation.logRate(setting)))
                        .toList();
        Setting chosen = alike.stream().min(Setting.BY_COST).orElseThrow();
        return new Choice(
                List.copyOf(measured),
                chosen,
                alike.stream().filter(setting -> !setting.equals(chosen)).toList(),
                noise,
                tolerance,
                !within.isEmpty(),
                prior);
    }

    private static Setting nearest(List<Measurement> measured, Set<Setting> settings) {
        return Collections.min(
                settings,
                Comparator.comparingDouble(setting -> summary(measured, setting).latencyMs()));
    }

    /**
     * The median run of a setting, of an even number the lower one, with the latency by which the
     * setting is judged: the geometric mean of all its runs, since what goes wrong makes a
     * percentile several times as large.
     */
    static Measurement summary(List<Measurement> measured, Setting setting) {
        List<Measurement> runs =
                measured.stream()
                        .filter(run -> run.setting().equals(setting))
                        .sorted(Comparator.comparingDouble(Measurement::imagesPerSecond))
                        .toList();
        double mean =
                runs.stream().mapToDouble(run -> Math.log(run.latencyMs())).average().orElseThrow();
        return runs.get((runs.size() - 1) / 2).withLatencyMs(Math.exp(mean));
    }

    /** Of the chosen setting, or of what comes nearest to the bound. */
    Measurement result() {
        return summary(measured, chosen);
    }

    /** Of each setting that was run, the slowest first. */
    static List<Measurement> summaries(List<Measurement> measured) {
        return measured.stream()
                .map(Measurement::setting)
                .distinct()
                .map(setting -> summary(measured, setting))
                .sorted(Comparator.comparingDouble(Measurement::imagesPerSecond))
                .toList();
    }

    /** The fastest of the others that keep the bound. */
    Optional<Measurement> bestOther(Goal goal) {
        return summaries(measured).reversed().stream()
                .filter(other -> !other.setting().equals(chosen) && goal.kept(other))
                .findFirst();
    }

    /** The pooled deviation of repeated runs. */
    private static double noise(Map<Setting, List<Measurement>> runs) {
        double squares = 0;
        int freedom = 0;
        for (List<Measurement> same : runs.values()) {
            double mean =
                    same.stream()
                            .mapToDouble(run -> Math.log(run.imagesPerSecond()))
                            .average()
                            .orElse(0);
            for (Measurement run : same) {
                squares += Math.pow(Math.log(run.imagesPerSecond()) - mean, 2);
            }
            freedom += same.size() - 1;
        }
        return freedom == 0 ? Double.NaN : Math.sqrt(squares / freedom);
    }
}
