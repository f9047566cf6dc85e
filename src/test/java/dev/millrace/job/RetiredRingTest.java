package dev.millrace.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import dev.millrace.gpu.TensorSpec;
import dev.millrace.gpu.host.HostDevice;
import dev.millrace.gpu.host.SimulatedCost;
import dev.millrace.testing.Messages;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A ring whose model was replaced sends each job to its successor, and keeps nobody. */
class RetiredRingTest {
    private static final TensorSpec PIXELS =
            new TensorSpec("pixels", TensorSpec.Type.UINT8, List.of(2, 2, 3));
    private static final TensorSpec SCORE =
            new TensorSpec("score", TensorSpec.Type.FLOAT32, List.of(1));

    @Test
    void howeverManyComeTheyAreSentOn() {
        try (HostDevice device = HostDevice.simulated(SimulatedCost.parse("1,0"));
                JobRing ring =
                        JobRing.shared("old", 8, device, PIXELS, List.of(SCORE), 4, 2, 8, 0.5)) {
            assertTimeoutPreemptively(
                    Duration.ofSeconds(20),
                    () -> {
                        ring.retire();
                        for (int i = 0; i < 20; i++) {
                            assertFalse(ring.publish(Messages.of("old"), 0, new byte[1]));
                        }
                    });
            assertEquals(0, ring.occupied());
        }
    }
}
