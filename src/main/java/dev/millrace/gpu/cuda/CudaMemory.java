package dev.millrace.gpu.cuda;

import dev.millrace.gpu.Memory;
import java.lang.foreign.MemorySegment;

/** A block on the GPU, zeroed, so that the rows which pad a batch never hold garbage. */
final class CudaMemory implements Memory {
    private final CudaDevice device;
    private final long bytes;
    private final long address;

    CudaMemory(CudaDevice device, long bytes) {
        this.device = device;
        this.bytes = bytes;
        this.address = device.cuda().malloc(bytes);
        device.cuda().memset(address, 0, bytes);
    }

    long address() {
        return address;
    }

    @Override
    public long bytes() {
        return bytes;
    }

    @Override
    public MemorySegment segment() {
        throw new UnsupportedOperationException("the host does not see the memory of the GPU");
    }

    @Override
    public void close() {
        device.cuda().free(address);
    }
}
