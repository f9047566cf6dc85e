package dev.millrace.gpu;

/** One device: a GPU, or the host in its place. Objects made by a device are closed before it. */
public interface Device extends AutoCloseable {
    /** One line for a person, such as {@code host (ONNX Runtime, 2 cores)}. */
    String description();

    /** Whether engines compute real outputs. */
    boolean computes();

    /** Page-locked host memory, aligned to a page, zeroed. */
    Memory allocateHost(long bytes);

    /** Memory of the device. */
    Memory allocateDevice(long bytes);

    /**
     * A queue of work.
     *
     * @param name for threads and traces
     */
    Stream createStream(String name);

    Event createEvent();

    Timer createTimer();

    /** Loads a model. Throws {@link DeviceException} with one line that says what does not fit. */
    Engine load(EngineSource source);

    @Override
    void close();
}
