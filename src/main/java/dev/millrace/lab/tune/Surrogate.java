package dev.millrace.lab.tune;

import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * What is to be expected of every setting after some were measured: Gaussian process regression
 * (Rasmussen and Williams, 2006, algorithm 2.1) of the logarithm of a figure over that of the
 * prior. A run says most about settings that are like the one it was made with; a factor that all
 * settings share is learned by the first runs.
 */
final class Surrogate {
    /** Distances over which settings behave alike: doublings, doublings, lanes, steps of 3 ms. */
    private static final double[] LENGTHS = {0.8, 1.5, 1.0, 1.5};

    private final ToDoubleFunction<Setting> prior;
    private final Trust trust;
    private final List<Setting> settings = new ArrayList<>();
    private final List<Double> residuals = new ArrayList<>();
    private double[][] factor = new double[0][0];
    private double[] weights = new double[0];

    /**
     * How far to trust, as deviations of the logarithm.
     *
     * @param noise of a run
     * @param common what the prior is wrong by for all settings alike
     * @param local what it is wrong by from one setting to the next
     */
    record Trust(double noise, double common, double local) {}

    /**
     * @param prior the expected figure, more than 0
     */
    Surrogate(ToDoubleFunction<Setting> prior, Trust trust) {
        this.prior = prior;
        this.trust = trust;
    }

    /**
     * @param mean of the logarithm of the figure
     * @param deviation of that mean
     */
    record Belief(double mean, double deviation) {}

    void add(Setting setting, double figure) {
        settings.add(setting);
        residuals.add(Math.log(figure) - Math.log(prior.applyAsDouble(setting)));
        factor = factor();
        weights = solve();
    }

    Belief about(Setting setting) {
        int size = settings.size();
        double mean = Math.log(prior.applyAsDouble(setting));
        double[] half = new double[size];
        double variance = kernel(setting, setting);
        for (int i = 0; i < size; i++) {
            double shared = kernel(setting, settings.get(i));
            mean += shared * weights[i];
            double sum = shared;
            for (int j = 0; j < i; j++) {
                sum -= factor[i][j] * half[j];
            }
            half[i] = sum / factor[i][i];
            variance -= half[i] * half[i];
        }
        return new Belief(mean, Math.sqrt(Math.max(0, variance)));
    }

    private double kernel(Setting one, Setting other) {
        double[] apart = {
            log2(one.threads()) - log2(other.threads()),
            log2(one.batch()) - log2(other.batch()),
            one.lanes() - other.lanes(),
            (one.linger().toMillis() - other.linger().toMillis()) / 3.0
        };
        double squares = 0;
        for (int i = 0; i < apart.length; i++) {
            squares += apart[i] * apart[i] / (LENGTHS[i] * LENGTHS[i]);
        }
        return trust.common() * trust.common()
                + trust.local() * trust.local() * Math.exp(-squares / 2);
    }

    private static double log2(double value) {
        return Math.log(value) / Math.log(2);
    }

    /** The Cholesky factor of the kernel of all measured settings, with the noise. */
    private double[][] factor() {
        int size = settings.size();
        double[][] lower = new double[size][size];
        for (int i = 0; i < size; i++) {
            for (int j = 0; j <= i; j++) {
                double sum = kernel(settings.get(i), settings.get(j));
                if (i == j) {
                    sum += trust.noise() * trust.noise();
                }
                for (int k = 0; k < j; k++) {
                    sum -= lower[i][k] * lower[j][k];
                }
                lower[i][j] = i == j ? Math.sqrt(sum) : sum / lower[j][j];
            }
        }
        return lower;
    }

    private double[] solve() {
        int size = settings.size();
        double[] solution = new double[size];
        for (int i = 0; i < size; i++) {
            double sum = residuals.get(i);
            for (int j = 0; j < i; j++) {
                sum -= factor[i][j] * solution[j];
            }
            solution[i] = sum / factor[i][i];
        }
        for (int i = size - 1; i >= 0; i--) {
            double sum = solution[i];
            for (int j = i + 1; j < size; j++) {
                sum -= factor[j][i] * solution[j];
            }
            solution[i] = sum / factor[i][i];
        }
        return solution;
    }
}
