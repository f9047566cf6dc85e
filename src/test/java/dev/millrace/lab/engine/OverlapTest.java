package dev.millrace.lab.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
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
    private static final int ROUNDS = 60;
    private static final SimulatedCost COST = new SimulatedCost(4, 0, 2, 1);

    private record Span(String track, String what, long startNs, long endNs) {}

    private final List<Span> spans = new ArrayList<>();

    private synchronized void keep(String track, String what, long startNs, long endNs) {
        spans.add(new Span(track, what, startNs, endNs));
    }

    @Test
    void twoLanesCopyWhileTheOtherComputesAndOneLaneCannot() {
        TensorSpec input = new TensorSpec("in", TensorSpec.Type.UINT8, List.of(4, 4, 3));
        TensorSpec output = new TensorSpec("out", TensorSpec.Type.FLOAT32, List.of(5));
        EngineSource source =
                new EngineSource("model", Path.of("none"), List.of(input), List.of(output), 8);
        try (Device device = HostDevice.simulated(COST, this::keep);
                Engine engine = device.load(source)) {
            Overlap overlap = Overlap.measure(device, engine, 8, ROUNDS);
            // The rates are a machine's and its load's; `engine overlap` is there to measure them.
            System.out.printf(
                    "copies 2 ms and 1 ms, computing 4 ms: alone %.2f ms, one lane %.2f ms, two"
                            + " lanes %.2f ms per batch%n",
                    overlap.computeMs(), overlap.seriesMs(), overlap.overlappedMs());
        }
        assertEquals(0, copiesDuringComputing("overlap-1"));
        // Of a busy machine a lane's thread may come late.
        assertTrue(copiesDuringComputing("overlap-2") > ROUNDS / 4);
    }

    /** Copies in that began while another lane of the same run computed. */
    private synchronized long copiesDuringComputing(String run) {
        List<Span> computing =
                spans.stream()
                        .filter(span -> span.track.startsWith(run))
                        .filter(span -> span.what.startsWith("compute"))
                        .toList();
        return spans.stream()
                .filter(span -> span.track.startsWith(run) && span.what.equals("copy in"))
                .filter(copy -> computing.stream().anyMatch(other -> duringAnother(copy, other)))
                .count();
    }

    private static boolean duringAnother(Span copy, Span computing) {
        return !computing.track.equals(copy.track)
                && computing.startNs - copy.startNs < 0
                && computing.endNs - copy.startNs > 0;
    }
}
