package dev.millrace.gpu.cuda;

import dev.millrace.gpu.Memory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Page-locked host memory, aligned to a page and zeroed. It is never pageable: where CUDA cannot
 * lock it, the constructor throws. Use after close throws.
 */
@SuppressWarnings("restricted") // native access is what this is for
final class CudaHostMemory implements Memory {
    private final CudaDevice device;
    private final Arena arena = Arena.ofShared();
    private final MemorySegment segment;

    CudaHostMemory(CudaDevice device, long bytes) {
        this.device = device;
        this.segment =
                MemorySegment.ofAddress(device.cuda().hostAlloc(bytes))
                        .reinterpret(bytes, arena, null);
        segment.fill((byte) 0);
    }

    long address() {
        return segment.address();
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
        device.cuda().freeHost(segment.address());
    }
}
