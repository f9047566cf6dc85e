package dev.millrace.api;

/**
 * How much of a JPEG is decoded before it is resized. The decoder can leave out detail that the
 * model's input is too small to show, in steps of a half, a quarter and an eighth of each side.
 */
public enum Fidelity {
    /** The smallest size that is not below the input's. */
    FAST(1),
    /** The smallest size that is not below twice the input's. */
    HIGH(2),
    /** All of it. */
    EXACT(Double.POSITIVE_INFINITY);

    private final double factor;

    Fidelity(double factor) {
        this.factor = factor;
    }

    /** How many times as long as the input's the sides of the decoded image are, at least. */
    public double factor() {
        return factor;
    }
}
