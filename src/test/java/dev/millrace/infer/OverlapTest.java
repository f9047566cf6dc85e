package dev.millrace.infer;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.gpu.Device;
import dev.millrace.gpu.Engine;
import dev.millrace.gpu.EngineSource;
import dev.millrace.gpu.TensorSpec;
import dev.millrace.gpu.host.HostDevice;
import dev.millrace.gpu.host.SimulatedCost;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Two lanes hide the copies behind the computing of the other lane's batch; one lane cannot. */
class OverlapTest {
    private static final SimulatedCost COST = new SimulatedCost(4, 0, 2, 1);

    private record Span(String track, String what, long startNs, long endNs) {}

    private final List<Span> spans = new ArrayList<>();

    private synchronized void keep(String track, String what, long startNs, long endNs) {
        spans.add(new Span(track, what, startNs, endNs));
    }

    @Test
    void twoLanesReachTheRateOfComputingAlone() {
        TensorSpec input = new TensorSpec("in", TensorSpec.Type.UINT8, List.of(4, 4, 3));
        TensorSpec output = new TensorSpec("out", TensorSpec.Type.FLOAT32, List.of(5));
        EngineSource source =
                new EngineSource("model", Path.of("none"), List.of(input), List.of(output), 8);
        try (Device device = HostDevice.simulated(COST, this::keep);
                Engine engine = device.load(source)) {
            Overlap overlap = measure(device, engine);
            assertTrue(overlap.hidden() >= 0.95, overlap.toString());
            assertTrue(overlap.computeMs() / overlap.seriesMs() < 0.75, overlap.toString());
            assertTrue(overlap.copyShare() > 0.4, overlap.toString());
        }
        assertTrue(copiesDuringOtherLanesComputing() > 50);
    }

    /** The best of three, since other work on the machine only ever makes it worse. */
    private static Overlap measure(Device device, Engine engine) {
        Overlap best = null;
        for (int i = 0; i < 3 && (best == null || best.hidden() < 0.95); i++) {
            Overlap overlap = Overlap.measure(device, engine, 8, 100);
            best = best == null || overlap.hidden() > best.hidden() ? overlap : best;
        }
        System.out.printf(
                "copies 2 ms and 1 ms, computing 4 ms: alone %.2f ms, one lane %.2f ms, two"
                        + " lanes %.2f ms per batch%n",
                best.computeMs(), best.seriesMs(), best.overlappedMs());
        return best;
    }

    /** Copies into one lane that began while the other one computed. */
    private synchronized long copiesDuringOtherLanesComputing() {
        return spans.stream()
                .filter(copy -> copy.what.equals("copy in") && copy.track.startsWith("overlap-2"))
                .filter(
                        copy ->
                                spans.stream()
                                        .anyMatch(
                                                other ->
                                                        other.what.startsWith("compute")
                                                                && !other.track.equals(copy.track)
                                                                && other.track.startsWith(
                                                                        "overlap-2")
                                                                && other.startNs - copy.startNs < 0
                                                                && other.endNs - copy.endNs > 0))
                .count();
    }
}
