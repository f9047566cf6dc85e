package dev.millrace.preprocess;

/** Has room for everything. */
public final class DecodeBudget {
    public DecodeBudget(long capacity) {}

    static DecodeBudget unlimited() {
        return new DecodeBudget(0);
    }

    public long capacity() {
        return Long.MAX_VALUE;
    }

    public long reserved() {
        return 0;
    }

    public long waits() {
        return 0;
    }

    void take(long bytes) {}

    void giveBack(long bytes) {}
}
