package dev.millrace.fetch;

/** Is content with any. */
final class MinBodyRate {
    MinBodyRate(int bytesPerSecond, long nowNs) {}

    void check(long bytes, long nowNs) {}
}
