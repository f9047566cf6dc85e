package dev.millrace.gpu;

/** Work in order. Every method but {@link #synchronize} returns at once. Used by one thread. */
public interface Stream extends AutoCloseable {
    /** Host to device. The host memory must stay unchanged until the stream has passed. */
    void copyToDevice(Memory to, long toOffset, Memory from, long fromOffset, long bytes);

    /** Device to host. */
    void copyToHost(Memory to, long toOffset, Memory from, long fromOffset, long bytes);

    /**
     * Completes {@code event} once all work given so far is done. An event is recorded again only
     * after it completed.
     */
    void record(Event event);

    /** Waits until all work is done; throws the {@link DeviceException} of work that failed. */
    void synchronize();

    /** Waits until all work is done, then frees the stream. */
    @Override
    void close();
}
