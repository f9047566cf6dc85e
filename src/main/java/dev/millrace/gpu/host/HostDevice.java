package dev.millrace.gpu.host;

import dev.millrace.gpu.Device;
import dev.millrace.gpu.Engine;
import dev.millrace.gpu.EngineSource;
import dev.millrace.gpu.Event;
import dev.millrace.gpu.Memory;
import dev.millrace.gpu.Stream;
import dev.millrace.gpu.Timer;
import dev.millrace.gpu.Tracer;
import java.util.Optional;

/** The host as a device: real outputs by ONNX Runtime, or a simulated cost and no outputs. */
public final class HostDevice implements Device {
    private final Optional<SimulatedCost> simulated;
    private final int threads;
    private final boolean sharing;
    private final Tracer tracer;
    private final SimulatedUnit unit = new SimulatedUnit();
    private final CopyEngines copies;

    private HostDevice(
            Optional<SimulatedCost> simulated, int threads, boolean sharing, Tracer tracer) {
        this.simulated = simulated;
        this.threads = threads;
        this.sharing = sharing;
        this.tracer = tracer;
        this.copies = simulated.map(CopyEngines::of).orElseGet(CopyEngines::free);
    }

    /**
     * Computes on the CPU.
     *
     * @param threads of each model, whatever lanes it has; each computes a row
     * @param sharing whether all threads share each row of a batch that has no more rows than half
     *     of them: sooner done where cores are idle, for more CPU
     */
    public static HostDevice computing(int threads, boolean sharing, Tracer tracer) {
        return new HostDevice(Optional.empty(), threads, sharing, tracer);
    }

    /** Computes each row on one thread, and keeps no timeline. */
    public static HostDevice computing(int threads) {
        return computing(threads, false, Tracer.NONE);
    }

    /**
     * Computes nothing: a batch of {@code n} takes {@code cost}, one batch at a time, and its
     * outputs are zero.
     */
    public static HostDevice simulated(SimulatedCost cost, Tracer tracer) {
        return new HostDevice(Optional.of(cost), 0, false, tracer);
    }

    /** Computes nothing, and keeps no timeline. */
    public static HostDevice simulated(SimulatedCost cost) {
        return simulated(cost, Tracer.NONE);
    }

    @Override
    public String description() {
        return simulated
                .map(cost -> "simulated (" + cost + ", outputs are zero)")
                .orElseGet(
                        () ->
                                "host (ONNX Runtime on the CPU, %s thread%s per model)"
                                        .formatted(threads, threads == 1 ? "" : "s"));
    }

    @Override
    public boolean computes() {
        return simulated.isEmpty();
    }

    @Override
    public Memory allocateHost(long bytes) {
        return new HostMemory(bytes);
    }

    @Override
    public Memory allocateDevice(long bytes) {
        return new HostMemory(bytes);
    }

    @Override
    public Stream createStream(String name) {
        return new HostStream(name, copies, tracer);
    }

    @Override
    public Event createEvent() {
        return new HostEvent();
    }

    @Override
    public Timer createTimer() {
        return new HostTimer();
    }

    @Override
    public Engine load(EngineSource source) {
        return simulated
                .<Engine>map(cost -> new SimulatedEngine(source, cost, unit))
                .orElseGet(() -> new OnnxEngine(source, threads, sharing));
    }

    @Override
    public void close() {
        // Memory, streams and engines belong to those who made them.
    }
}
