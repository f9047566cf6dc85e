package dev.millrace.gpu.cuda;

import dev.millrace.gpu.Memory;
import dev.millrace.resource.Resources;
import java.lang.foreign.MemorySegment;

/**
 * A block on the GPU, zeroed, so that the rows which pad a batch never hold garbage. The zeros are
 * there when the constructor returns: the streams of lanes do not wait for the default one, in
 * which {@code cudaMemset} would come back before it is done.
 */
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
        try (CudaStream stream = new CudaStream(device)) {
            device.cuda().memsetAsync.callBoxed(address, 0, bytes, stream.handle());
            // Its close waits.
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
