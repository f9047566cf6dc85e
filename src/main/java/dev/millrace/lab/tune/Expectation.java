package dev.millrace.lab.tune;

import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * What the runs so far let expect of every setting: its images per second, and whether it keeps the
 * bound, which the prior knows less well.
 */
final class Expectation {
    private static final double USUAL_NOISE = 0.04;
    private static final double MIN_NOISE = 0.02;
    private static final double MAX_NOISE = 0.5;

    /** How much more than rates latencies differ from run to run. */
    private static final double LATENCY_NOISE = 12;

    private static final double MIN = 1e-3;

    private final Goal goal;
    private final Surrogate rate;
    private final Surrogate latency;
    private final Set<Setting> known = new LinkedHashSet<>();

    /**
     * @param noise by which the rates of equal runs differ, a share; NaN where it is not known
     */
    Expectation(Prior prior, Goal goal, double noise) {
        double trusted =
                Double.isNaN(noise) ? USUAL_NOISE : Math.clamp(noise, MIN_NOISE, MAX_NOISE);
        this.goal = goal;
        this.rate = new Surrogate(prior::imagesPerSecond, new Surrogate.Trust(trusted, 0.3, 0.15));
        this.latency =
                new Surrogate(
                        prior::latencyMs, new Surrogate.Trust(LATENCY_NOISE * trusted, 0.6, 0.4));
    }

    void learn(Measurement run) {
        known.add(run.setting());
        rate.add(run.setting(), Math.max(MIN, run.imagesPerSecond()));
        latency.add(run.setting(), Math.max(MIN, run.latencyMs()));
    }

    /** The settings that were run. */
    Set<Setting> known() {
        return known;
    }

    /** The logarithm of the images per second. */
    double logRate(Setting setting) {
        return rate.about(setting).mean();
    }

    /** Whether the setting is more likely than not to keep the bound. */
    boolean keeps(Setting setting) {
        return likelihood(setting) >= 0.5;
    }

    private double likelihood(Setting setting) {
        Surrogate.Belief belief = latency.about(setting);
        double slack = Math.log(goal.bound().toNanos() / 1e6) - belief.mean();
        return Normal.below(slack / Math.max(1e-9, belief.deviation()));
    }

    /**
     * The expected improvement over the best of what was run and keeps the bound (Jones, Schonlau
     * and Welch, 1998) times the likelihood that the bound is kept (Gardner and others, 2014), as a
     * share. While nothing keeps it, the likelihood alone, from 1 on.
     */
    double gain(Setting setting) {
        List<Setting> keeping = known.stream().filter(this::keeps).toList();
        if (keeping.isEmpty()) {
            return 1 + likelihood(setting);
        }
        Surrogate.Belief belief = rate.about(setting);
        double ahead = belief.mean() - best(keeping);
        double deviation = Math.max(1e-9, belief.deviation());
        double z = ahead / deviation;
        double improvement = ahead * Normal.below(z) + deviation * Normal.density(z);
        return likelihood(setting) * improvement;
    }

    /** Of the logarithms of the images per second. */
    double best(Collection<Setting> settings) {
        return settings.stream().mapToDouble(this::logRate).max().orElseThrow();
    }

    /** Images per second, less by as much as the bound is missed, as a logarithm. */
    double logScore(Setting setting) {
        double over = latency.about(setting).mean() - Math.log(goal.bound().toNanos() / 1e6);
        return logRate(setting) - Math.max(0, over);
    }
}
