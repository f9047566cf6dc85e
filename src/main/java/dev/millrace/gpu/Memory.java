package dev.millrace.gpu;

import java.lang.foreign.MemorySegment;

/** A block of memory with one owner, who closes it. */
public interface Memory extends AutoCloseable {
    long bytes();

    /**
     * The block as the host sees it. Throws {@link UnsupportedOperationException} for memory that
     * only the device sees.
     */
    MemorySegment segment();

    @Override
    void close();
}
