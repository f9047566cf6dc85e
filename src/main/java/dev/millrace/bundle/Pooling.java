package dev.millrace.bundle;

/**
 * How one vector is made of an embedding's output.
 *
 * @param pool of the vectors of an image's parts
 * @param unit whether it is divided by its length
 */
public record Pooling(Pool pool, boolean unit) {
    /** The output as it is. */
    static final Pooling NONE = new Pooling(Pool.NONE, false);

    /**
     * Which of several vectors counts: a transformer has one for the whole and one for each part.
     */
    public enum Pool {
        NONE,
        FIRST,
        MEAN
    }

    boolean isNone() {
        return equals(NONE);
    }
}
