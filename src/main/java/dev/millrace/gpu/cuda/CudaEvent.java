package dev.millrace.gpu.cuda;

import dev.millrace.gpu.Event;

/** A mark in a stream that keeps no time; how it is waited for is the device's profile. */
final class CudaEvent implements Event {
    private final CudaDevice device;
    private final long handle;

    CudaEvent(CudaDevice device, boolean spin) {
        this.device = device;
        this.handle =
                device.cuda()
                        .eventCreate
                        .make(Cuda.EVENT_DISABLE_TIMING | (spin ? 0 : Cuda.EVENT_BLOCKING_SYNC));
    }

    long handle() {
        return handle;
    }

    @Override
    public boolean isComplete() {
        return device.cuda().eventQuery(handle);
    }

    @Override
    public void synchronize() {
        device.cuda().eventSynchronize.call(handle);
    }

    @Override
    public void close() {
        device.cuda().eventDestroy.call(handle);
    }
}
