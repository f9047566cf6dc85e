package dev.millrace.gpu.host;

import dev.millrace.gpu.DeviceException;
import dev.millrace.gpu.Event;
import dev.millrace.gpu.Memory;
import dev.millrace.gpu.Stream;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.LinkedBlockingQueue;

/**
 * A stream as a thread with a queue. Its length is bounded by its user: a lane gives it one batch
 * at a time. Work that throws fails everything up to the next event, which carries the failure on,
 * as an error on a device would.
 */
final class HostStream implements Stream {
    private final LinkedBlockingQueue<Runnable> queue = new LinkedBlockingQueue<>();
    private final Thread thread;
    private final HostEvent synchronization = new HostEvent();
    private DeviceException failure;
    private boolean closed;

    HostStream(String name) {
        this.thread = Thread.ofPlatform().name(name).daemon().start(this::run);
    }

    private void run() {
        try {
            while (!closed) {
                queue.take().run();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Puts work into the stream. Skipped when work before it has failed. */
    void enqueue(Runnable work) {
        queue.add(
                () -> {
                    if (failure != null) {
                        return;
                    }
                    try {
                        work.run();
                    } catch (DeviceException e) {
                        failure = e;
                    } catch (RuntimeException e) {
                        failure =
                                new DeviceException("work in a host stream failed: " + e, false, e);
                    }
                });
    }

    @Override
    public void copyToDevice(Memory to, long toOffset, Memory from, long fromOffset, long bytes) {
        copy(to, toOffset, from, fromOffset, bytes);
    }

    @Override
    public void copyToHost(Memory to, long toOffset, Memory from, long fromOffset, long bytes) {
        copy(to, toOffset, from, fromOffset, bytes);
    }

    private void copy(Memory to, long toOffset, Memory from, long fromOffset, long bytes) {
        enqueue(
                () ->
                        MemorySegment.copy(
                                from.segment(), fromOffset, to.segment(), toOffset, bytes));
    }

    @Override
    public void record(Event event) {
        HostEvent mark = (HostEvent) event;
        mark.recorded();
        queue.add(
                () -> {
                    DeviceException carried = failure;
                    failure = null;
                    mark.complete(carried);
                });
    }

    @Override
    public void synchronize() {
        record(synchronization);
        synchronization.synchronize();
    }

    @Override
    public void close() {
        queue.add(() -> closed = true);
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
