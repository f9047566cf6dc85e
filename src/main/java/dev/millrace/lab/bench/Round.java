package dev.millrace.lab.bench;

/** Figures without digits that mean nothing. */
final class Round {
    private Round() {}

    static double to3(double value) {
        return Math.round(value * 1000) / 1000.0;
    }
}
