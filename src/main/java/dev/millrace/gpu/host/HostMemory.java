package dev.millrace.gpu.host;

import dev.millrace.gpu.Memory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Native memory, aligned to a page and zeroed. Use after close throws. */
final class HostMemory implements Memory {
    private static final long PAGE = 4096;

    private final Arena arena = Arena.ofShared();
    private final MemorySegment segment;

    HostMemory(long bytes) {
        this.segment = arena.allocate(bytes, PAGE);
    }

    @Override
    public long bytes() {
        return segment.byteSize();
    }

    @Override
    public MemorySegment segment() {
        return segment;
    }

    @Override
    public void close() {
        arena.close();
    }
}
