package dev.millrace.gpu.cuda;

import dev.millrace.gpu.Memory;
import dev.millrace.resource.Resources;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Page-locked host memory, aligned to a page and zeroed. It is never pageable: where CUDA cannot
 * lock it, the constructor throws. Use after close throws.
 */
@SuppressWarnings("restricted") // native access is what this is for
final class CudaHostMemory implements Memory {
    private final Resources resources = new Resources();
    private final MemorySegment segment;

    CudaHostMemory(CudaDevice device, long bytes) {
        long address = device.cuda().hostAlloc(bytes);
        resources.own(() -> device.cuda().freeHost.call(address));
        try {
            Arena arena = resources.own(Arena.ofShared());
            this.segment = MemorySegment.ofAddress(address).reinterpret(bytes, arena, null);
            segment.fill((byte) 0);
        } catch (Throwable e) {
            resources.closeAfter(e);
            throw e;
        }
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
        resources.close();
    }
}
