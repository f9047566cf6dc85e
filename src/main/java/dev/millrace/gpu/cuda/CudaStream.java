package dev.millrace.gpu.cuda;

import dev.millrace.gpu.DeviceException;
import dev.millrace.gpu.Event;
import dev.millrace.gpu.Memory;
import dev.millrace.gpu.Stream;

/** A CUDA stream. A copy that would leave its block is refused before CUDA sees it. */
final class CudaStream implements Stream {
    private final CudaDevice device;
    private final long handle;

    CudaStream(CudaDevice device) {
        this.device = device;
        this.handle = device.cuda().streamCreate();
    }

    long handle() {
        return handle;
    }

    @Override
    public void copyToDevice(Memory to, long toOffset, Memory from, long fromOffset, long bytes) {
        checkBounds(to, toOffset, bytes);
        checkBounds(from, fromOffset, bytes);
        long target = ((CudaMemory) to).address() + toOffset;
        long source = ((CudaHostMemory) from).address() + fromOffset;
        device.cuda().memcpyAsync.call(target, source, bytes, Cuda.HOST_TO_DEVICE, handle);
    }

    @Override
    public void copyToHost(Memory to, long toOffset, Memory from, long fromOffset, long bytes) {
        checkBounds(to, toOffset, bytes);
        checkBounds(from, fromOffset, bytes);
        long target = ((CudaHostMemory) to).address() + toOffset;
        long source = ((CudaMemory) from).address() + fromOffset;
        device.cuda().memcpyAsync.call(target, source, bytes, Cuda.DEVICE_TO_HOST, handle);
    }

    private static void checkBounds(Memory memory, long offset, long bytes) {
        if (offset < 0 || bytes < 0 || offset > memory.bytes() - bytes) {
            throw new DeviceException(
                    "a copy of %s bytes at %s was refused: the block has %s bytes"
                            .formatted(bytes, offset, memory.bytes()));
        }
    }

    @Override
    public void record(Event event) {
        device.cuda().eventRecord.call(((CudaEvent) event).handle(), handle);
    }

    @Override
    public void synchronize() {
        device.cuda().streamSynchronize.call(handle);
    }

    @Override
    public void close() {
        try {
            synchronize();
        } finally {
            device.cuda().streamDestroy.call(handle);
        }
    }
}
