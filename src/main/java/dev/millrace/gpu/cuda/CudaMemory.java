package dev.millrace.gpu.cuda;

import dev.millrace.gpu.Memory;
import dev.millrace.resource.Resources;
import java.lang.foreign.MemorySegment;

/** A block on the GPU, zeroed, so that the rows which pad a batch never hold garbage. */
final class CudaMemory implements Memory {
    private final CudaDevice device;
    private final long bytes;
    private final long address;

    CudaMemory(CudaDevice device, long bytes) {
        this.device = device;
        this.bytes = bytes;
        this.address = device.cuda().malloc.make(bytes);
        Resources half = new Resources();
        half.own(this);
        try {
            device.cuda().memset.callBoxed(address, 0, bytes);
        } catch (Throwable e) {
            half.closeAfter(e);
            throw e;
        }
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
        device.cuda().free.call(address);
    }
}
