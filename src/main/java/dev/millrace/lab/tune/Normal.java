package dev.millrace.lab.tune;

/** The standard normal distribution. */
final class Normal {
    private static final double[] COEFFICIENTS = {
        1.330274429, -1.821255978, 1.781477937, -0.356563782, 0.319381530
    };

    private Normal() {}

    static double density(double z) {
        return Math.exp(-z * z / 2) / Math.sqrt(2 * Math.PI);
    }

    /**
     * The probability of a value below {@code z}, to 1e-7 (Abramowitz and Stegun, 1964, 26.2.17).
     */
    static double below(double z) {
        double t = 1 / (1 + 0.2316419 * Math.abs(z));
        double polynomial = 0;
        for (double coefficient : COEFFICIENTS) {
            polynomial = (polynomial + coefficient) * t;
        }
        double tail = density(z) * polynomial;
        return z < 0 ? tail : 1 - tail;
    }
}
