package dev.millrace.gpu.host;

import dev.millrace.gpu.Device;
import dev.millrace.gpu.Engine;
import dev.millrace.gpu.EngineSource;
import dev.millrace.gpu.Event;
import dev.millrace.gpu.Memory;
import dev.millrace.gpu.Stream;
import java.util.Optional;

/** The host as a device: real outputs by ONNX Runtime, or a simulated cost and no outputs. */
public final class HostDevice implements Device {
    private final Optional<SimulatedUnit> simulated;
    private final int threadsPerLane;

    private HostDevice(Optional<SimulatedUnit> simulated, int threadsPerLane) {
        this.simulated = simulated;
        this.threadsPerLane = threadsPerLane;
    }

    /**
     * Computes on the CPU.
     *
     * @param threadsPerLane threads that one batch in flight may use
     */
    public static HostDevice computing(int threadsPerLane) {
        return new HostDevice(Optional.empty(), threadsPerLane);
    }

    /**
     * Computes nothing: a batch of {@code n} takes {@code cost}, one batch at a time, and its
     * outputs are zero.
     */
    public static HostDevice simulated(SimulatedCost cost) {
        return new HostDevice(Optional.of(new SimulatedUnit(cost)), 0);
    }

    @Override
    public String description() {
        return simulated
                .map(unit -> "simulated (" + unit.cost() + ", outputs are zero)")
                .orElseGet(
                        () ->
                                "host (ONNX Runtime on the CPU, "
                                        + threadsPerLane
                                        + " thread"
                                        + (threadsPerLane == 1 ? "" : "s")
                                        + " per lane)");
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
        return new HostStream(name);
    }

    @Override
    public Event createEvent() {
        return new HostEvent();
    }

    @Override
    public Engine load(EngineSource source) {
        return simulated
                .<Engine>map(unit -> new SimulatedEngine(source, unit))
                .orElseGet(() -> new OnnxEngine(source, threadsPerLane));
    }

    @Override
    public void close() {
        // Memory, streams and engines belong to those who made them.
    }
}
