package dev.millrace.gpu;

/** A mark in a stream. */
public interface Event extends AutoCloseable {
    /**
     * Whether the work before the mark is done. Throws the {@link DeviceException} of work that
     * failed.
     */
    boolean isComplete();

    /**
     * Waits for the work before the mark. Throws the {@link DeviceException} of work that failed.
     */
    void synchronize();

    @Override
    void close();
}
