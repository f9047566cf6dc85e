package dev.millrace.gpu;

/**
 * How long the device itself took for the work between two points of a stream, by its own clock.
 * Used by one thread; allocates nothing when it is used.
 */
public interface Timer extends AutoCloseable {
    /** What {@code stream} is given from here on counts. */
    void begin(Stream stream);

    /** Until here, in the same stream. */
    void end(Stream stream);

    /**
     * Of the work between the two, waits of the stream included. Only after an event behind the end
     * has completed, which this does not wait for.
     */
    long elapsedNs();

    @Override
    void close();
}
