package dev.millrace.lab.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.gpu.Engine;
import dev.millrace.gpu.EngineSource;
import dev.millrace.gpu.TensorSpec;
import dev.millrace.gpu.host.DelayingDevice;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.List;
import org.junit.jupiter.api.Test;

/** No experiment computes on zeros. */
class NoiseTest {
    private static final EngineSource SOURCE =
            new EngineSource(
                    "numbers",
                    Path.of("none"),
                    List.of(new TensorSpec("pixels", TensorSpec.Type.UINT8, List.of(4, 4, 3))),
                    List.of(new TensorSpec("scores", TensorSpec.Type.FLOAT32, List.of(2))),
                    4);

    private final DelayingDevice device = new DelayingDevice(1, 1000, false);

    @Test
    void anOverlapComputesOnNoise() {
        try (Engine engine = device.load(SOURCE)) {
            Overlap.measure(device, engine, 4, 3);
        }
        assertComputedOnNoise();
    }

    @Test
    void aSweepComputesOnNoise() {
        new Sweep(device, 1).run(SOURCE, _ -> {});
        assertComputedOnNoise();
    }

    private void assertComputedOnNoise() {
        assertTrue(device.batchesByLane.size() >= 2, device.batchesByLane::toString);
        assertEquals(0, device.zeroBatches.get(), "batches of zeros");
    }

    @Test
    void itHasAllBytesAndIsTheSameForASeed() {
        byte[] noise = new byte[100_003];
        byte[] again = new byte[noise.length];
        byte[] other = new byte[noise.length];
        Noise.fill(MemorySegment.ofArray(noise), 1);
        Noise.fill(MemorySegment.ofArray(again), 1);
        Noise.fill(MemorySegment.ofArray(other), 2);
        assertEquals(-1, MemorySegment.ofArray(noise).mismatch(MemorySegment.ofArray(again)));
        assertTrue(MemorySegment.ofArray(noise).mismatch(MemorySegment.ofArray(other)) >= 0);
        BitSet values = new BitSet();
        MemorySegment.ofArray(noise)
                .elements(ValueLayout.JAVA_BYTE)
                .forEach(one -> values.set(one.get(ValueLayout.JAVA_BYTE, 0) & 0xff));
        assertEquals(256, values.cardinality());
    }
}
