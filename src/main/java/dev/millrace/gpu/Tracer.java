package dev.millrace.gpu;

/** Takes what happened when, for a timeline. Called on the device's threads. */
@FunctionalInterface
public interface Tracer {
    /** Keeps nothing. */
    Tracer NONE = (_, _, _, _) -> {};

    /**
     * @param track where it happened, such as a stream
     * @param what happened, such as {@code compute 8}
     * @param startNs by {@link System#nanoTime}
     * @param endNs by {@link System#nanoTime}
     */
    void span(String track, String what, long startNs, long endNs);
}
