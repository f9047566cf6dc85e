package dev.millrace.gpu.host;

import dev.millrace.gpu.DeviceException;
import dev.millrace.gpu.Event;
import dev.millrace.gpu.Memory;
import dev.millrace.gpu.Stream;
import dev.millrace.gpu.Tracer;
import dev.millrace.resource.Joins;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;

/**
 * A stream as a thread with a queue. Its length is bounded by its user: a lane gives it one batch
 * at a time. Work that throws fails everything up to the next event, which carries the failure on,
 * as an error on a device would.
 */
final class HostStream implements Stream {
    /** For the work in hand at the end. */
    private static final Duration LAST_BATCH = Duration.ofSeconds(5);

    private final LinkedBlockingQueue<Runnable> queue = new LinkedBlockingQueue<>();
    private final String name;
    private final CopyEngines copies;
    private final Tracer tracer;
    private final Thread thread;
    private final HostEvent synchronization = new HostEvent();
    private DeviceException failure;
    // When simulated work was due to end, and when the next could begin; of the stream's thread.
    private long dueNs = System.nanoTime();
    private long readyNs;
    private boolean closed;

    /**
     * @param copies what a copy costs beside the copying itself
     */
    HostStream(String name, CopyEngines copies, Tracer tracer) {
        this.name = name;
        this.copies = copies;
        this.tracer = tracer;
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
    void enqueue(String what, Runnable work) {
        long issuedNs = System.nanoTime();
        queue.add(
                () -> {
                    if (failure != null) {
                        return;
                    }
                    readyNs = dueNs - issuedNs > 0 ? dueNs : issuedNs;
                    run(what, work);
                });
    }

    /** Runs {@code work} at its turn, whether or not what came before it has failed. */
    void mark(Runnable work) {
        queue.add(work);
    }

    private void run(String what, Runnable work) {
        long startNs = System.nanoTime();
        try {
            work.run();
        } catch (DeviceException e) {
            failure = e;
        } catch (RuntimeException e) {
            failure = new DeviceException("work in a host stream failed: " + e, e);
        } catch (Error e) {
            // Without this thread nobody would complete the event that the lane waits for.
            failure = new DeviceException("work in a host stream failed: " + e, true, e);
        }
        tracer.span(name, what, startNs, System.nanoTime());
    }

    /** Called by simulated work: waits until {@code unit} has done it. */
    void occupy(SimulatedUnit unit, long nanos) {
        dueNs = unit.occupy(nanos, readyNs);
    }

    @Override
    public void copyToDevice(Memory to, long toOffset, Memory from, long fromOffset, long bytes) {
        enqueue(
                "copy in",
                () -> {
                    copy(to, toOffset, from, fromOffset, bytes);
                    copies.in(this);
                });
    }

    @Override
    public void copyToHost(Memory to, long toOffset, Memory from, long fromOffset, long bytes) {
        enqueue(
                "copy out",
                () -> {
                    copy(to, toOffset, from, fromOffset, bytes);
                    copies.out(this);
                });
    }

    private static void copy(Memory to, long toOffset, Memory from, long fromOffset, long bytes) {
        MemorySegment.copy(from.segment(), fromOffset, to.segment(), toOffset, bytes);
    }

    @Override
    public void record(Event event) {
        HostEvent mark = (HostEvent) event;
        mark.recorded();
        mark(
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
        Joins.within(LAST_BATCH, List.of(thread));
    }
}
