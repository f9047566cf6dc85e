package dev.millrace.preprocess;

/** The least that can be done with all photos, by one thread. */
public interface Floor extends AutoCloseable {
    /** Takes all photos once. */
    void all() throws Exception;

    @Override
    void close();
}
