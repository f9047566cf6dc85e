package dev.millrace.infer;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.gpu.Device;
import dev.millrace.gpu.Engine;
import dev.millrace.gpu.EngineSource;
import dev.millrace.gpu.TensorSpec;
import dev.millrace.gpu.host.HostDevice;
import dev.millrace.gpu.host.SimulatedCost;
import dev.millrace.job.Rows;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A batch's time on the device is that of its compute, without its copies. */
class ComputeTimeTest {

    /** Half of what they cost: what a simulated device was late with it makes up for. */
    private static final long COPIES_NS = 30_000_000;

    private static final EngineSource SOURCE =
            new EngineSource(
                    "numbers",
                    Path.of("none"),
                    List.of(new TensorSpec("pixels", TensorSpec.Type.UINT8, List.of(4, 4, 3))),
                    List.of(new TensorSpec("scores", TensorSpec.Type.FLOAT32, List.of(2))),
                    4);

    /** Those before the compute, and those behind it. */
    @ParameterizedTest
    @ValueSource(strings = {"20,0,60,0", "20,0,0,60"})
    void copiesAreLeftOut(String cost) {
        try (Device device = HostDevice.simulated(SimulatedCost.parse(cost));
                Engine engine = device.load(SOURCE);
                Rows rows = new Rows(4, device, engine);
                Lane lane = new Lane("lane", device, engine, rows)) {
            long startNs = System.nanoTime();
            lane.submit(0, 4);
            lane.done().synchronize();
            long inFlightNs = System.nanoTime() - startNs;
            // However busy this machine is, the copies took their time beside it.
            assertTrue(lane.computeNs() > 0, lane.computeNs() + " ns");
            assertTrue(
                    lane.computeNs() <= inFlightNs - COPIES_NS,
                    lane.computeNs() + " ns of " + inFlightNs);
        }
    }
}
