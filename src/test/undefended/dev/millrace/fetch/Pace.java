package dev.millrace.fetch;

/** Is content with any. */
final class Pace {
    Pace(int bytesPerSecond, long nowNs) {}

    void check(long bytes, long nowNs) {}
}
