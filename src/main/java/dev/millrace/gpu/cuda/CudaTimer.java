package dev.millrace.gpu.cuda;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import dev.millrace.gpu.Stream;
import dev.millrace.gpu.Timer;
import dev.millrace.resource.Resources;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Two events that keep times, unlike those which are waited for, and the place that CUDA writes the
 * difference to. CUDA gives it in milliseconds to about half a microsecond.
 */
final class CudaTimer implements Timer {
    private static final double NS_PER_MS = 1e6;

    private final Resources resources = new Resources();
    private final CudaDevice device;
    private final long start;
    private final long end;
    private final MemorySegment elapsedMs;

    CudaTimer(CudaDevice device) {
        this.device = device;
        try {
            this.start = event();
            this.end = event();
            this.elapsedMs = resources.own(Arena.ofShared()).allocate(JAVA_FLOAT);
        } catch (Throwable e) {
            resources.closeAfter(e);
            throw e;
        }
    }

    private long event() {
        long event = device.cuda().eventCreate.make(0);
        resources.own(() -> device.cuda().eventDestroy.call(event));
        return event;
    }

    @Override
    public void begin(Stream stream) {
        device.cuda().eventRecord.call(start, ((CudaStream) stream).handle());
    }

    @Override
    public void end(Stream stream) {
        device.cuda().eventRecord.call(end, ((CudaStream) stream).handle());
    }

    @Override
    public long elapsedNs() {
        device.cuda().eventElapsedTime.call(elapsedMs.address(), start, end);
        return Math.round(elapsedMs.get(JAVA_FLOAT, 0) * NS_PER_MS);
    }

    @Override
    public void close() {
        resources.close();
    }
}
