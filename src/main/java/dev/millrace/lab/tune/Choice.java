package dev.millrace.lab.tune;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What was found.
 *
 * @param measured every run, in order
 * @param chosen the cheapest of those that differ from the best by no more than {@code tolerance}
 * @param alike the others of them, the best first
 * @param noise by which runs of the same setting differ, a share; NaN where none was repeated
 * @param kept whether the bound was kept
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
                runs.keySet().stream().filter(setting -> kept(runs.get(setting), goal)).toList();
        // Where nothing keeps the bound, what comes nearest to it.
        List<Setting> candidates =
                within.isEmpty()
                        ? List.of(
                                Collections.max(measured, Comparator.comparingDouble(goal::score))
                                        .setting())
                        : within;
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

    /** The median run of a setting, of an even number the lower one. */
    static Measurement median(List<Measurement> measured, Setting setting) {
        List<Measurement> runs =
                measured.stream()
                        .filter(run -> run.setting().equals(setting))
                        .sorted(Comparator.comparingDouble(Measurement::imagesPerSecond))
                        .toList();
        return runs.get((runs.size() - 1) / 2);
    }

    /** The median run of the chosen setting. */
    Measurement result() {
        return median(measured, chosen);
    }

    private static boolean kept(List<Measurement> runs, Goal goal) {
        // The geometric mean: what goes wrong makes a percentile several times as large.
        double mean =
                runs.stream().mapToDouble(run -> Math.log(run.latencyMs())).average().orElseThrow();
        return mean <= Math.log(goal.bound().toNanos() / 1e6);
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
