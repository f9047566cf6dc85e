package dev.millrace.lab.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.gpu.Device;
import dev.millrace.gpu.DeviceException;
import dev.millrace.gpu.Engine;
import dev.millrace.gpu.EngineSource;
import dev.millrace.gpu.Event;
import dev.millrace.gpu.Memory;
import dev.millrace.gpu.Stream;
import dev.millrace.gpu.TensorSpec;
import dev.millrace.gpu.Timer;
import dev.millrace.gpu.host.HostDevice;
import dev.millrace.gpu.host.SimulatedCost;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A sweep ends where a larger batch brings nothing, or does not fit. */
class SweepTest {
    private static final long MEASURE_NS = 40_000_000;
    private static final EngineSource SOURCE =
            new EngineSource(
                    "simulated",
                    Path.of("none"),
                    List.of(new TensorSpec("in", TensorSpec.Type.UINT8, List.of(8, 8, 3))),
                    List.of(new TensorSpec("out", TensorSpec.Type.FLOAT32, List.of(4))),
                    64);

    private static Sweep.Result sweep(Device device) {
        return new Sweep(device, MEASURE_NS).run(SOURCE, point -> {});
    }

    private static HostDevice simulated(String cost) {
        return HostDevice.simulated(SimulatedCost.parse(cost));
    }

    /**
     * What else the machine does makes a small batch slower, so one quiet run in a few is enough.
     */
    @Test
    void itStopsWhereThroughputStopsGrowing() {
        Sweep.Result result = sweep(simulated("0,5"));
        for (int more = 0; more < 5 && result.chosen() > 4; more++) {
            result = sweep(simulated("0,5"));
        }
        assertEquals("throughput stopped growing", result.end());
        assertTrue(result.points().size() < 7, result.toString());
        assertTrue(result.chosen() <= 4, result.toString());
    }

    @Test
    void itGoesOnWhileThroughputGrows() {
        Sweep.Result result = sweep(simulated("20,0"));
        assertEquals("the largest batch was reached", result.end());
        assertEquals(64, result.chosen());
        assertEquals(2 * 64 * (8 * 8 * 3 + 4 * 4), result.points().getLast().tensorBytes());
    }

    @Test
    void itStopsWhereMemoryEnds() {
        Sweep.Result result = sweep(new SmallDevice(simulated("20,0"), 8 * 8 * 3 * 16));
        assertTrue(result.end().startsWith("batch 32 does not run: out of memory"), result::end);
        assertEquals(16, result.chosen());
    }

    @Test
    void whereNothingRunsTheReasonIsTheDevices() {
        assertThrows(DeviceException.class, () -> sweep(new SmallDevice(simulated("20,0"), 1)));
    }

    /** Refuses what is too large. */
    private record SmallDevice(HostDevice device, long most) implements Device {
        @Override
        public String description() {
            return device.description();
        }

        @Override
        public boolean computes() {
            return device.computes();
        }

        @Override
        public Memory allocateHost(long bytes) {
            return device.allocateHost(bytes);
        }

        @Override
        public Memory allocateDevice(long bytes) {
            if (bytes > most) {
                throw new DeviceException("out of memory", false);
            }
            return device.allocateDevice(bytes);
        }

        @Override
        public Stream createStream(String name) {
            return device.createStream(name);
        }

        @Override
        public Event createEvent() {
            return device.createEvent();
        }

        @Override
        public Timer createTimer() {
            return device.createTimer();
        }

        @Override
        public Engine load(EngineSource source) {
            return device.load(source);
        }

        @Override
        public void close() {
            device.close();
        }
    }
}
