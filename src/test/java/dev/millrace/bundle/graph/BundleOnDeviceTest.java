package dev.millrace.bundle.graph;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.bundle.Bundle;
import dev.millrace.bundle.Golden;
import dev.millrace.gpu.Device;
import dev.millrace.gpu.Engine;
import dev.millrace.gpu.Memory;
import dev.millrace.gpu.Stream;
import dev.millrace.gpu.TensorSpec;
import dev.millrace.gpu.Tracer;
import dev.millrace.gpu.host.HostDevice;
import dev.millrace.gpu.host.SimulatedCost;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A bundle says of itself what a device needs to load it and to bind its tensors. */
class BundleOnDeviceTest {
    private static final int MAX_BATCH = 4;
    private static final List<Integer> BATCHES = List.of(1, MAX_BATCH, 3);

    @TempDir private Path cache;

    @Test
    void theColorsOfAnImageComeOutExactly() throws Exception {
        Bundle bundle = Bundles.load(Golden.TEST_ENGINES.resolve("colors"), cache);
        assertEquals(List.of(32, 32, 3), bundle.input().shape());
        TensorSpec scores = bundle.outputs().getFirst();
        assertEquals(new TensorSpec("output", TensorSpec.Type.FLOAT32, List.of(3)), scores);
        for (int batch : BATCHES) {
            float[] actual = computed(bundle, HostDevice.computing(1), batch);
            for (int row = 0; row < batch; row++) {
                double[] expected = scores(Golden.pattern(10 * batch + row, 32, 32));
                for (int c = 0; c < 3; c++) {
                    assertEquals(expected[c], actual[3 * row + c], 2e-6);
                }
            }
        }
    }

    /** Rows side by side, each on one thread, and rows of which each has all threads. */
    @ParameterizedTest
    @CsvSource({"2, false", "3, false", "8, false", "2, true", "8, true"})
    void threadsDoNotChangeABit(int threads, boolean sharing) throws Exception {
        Bundle bundle = Bundles.load(Golden.TEST_ENGINES.resolve("random"), cache);
        for (int batch : BATCHES) {
            assertArrayEquals(
                    computed(bundle, HostDevice.computing(1), batch),
                    computed(bundle, HostDevice.computing(threads, sharing, Tracer.NONE), batch),
                    "batch of " + batch);
        }
    }

    /** So its images wait for no others. A simulated device stands for a GPU. */
    @Test
    void aHostComputesRowByRowAndGainsNothingByBatches() throws Exception {
        Bundle bundle = Bundles.load(Golden.TEST_ENGINES.resolve("colors"), cache);
        try (Device host = HostDevice.computing(2);
                Engine engine = host.load(bundle.source(MAX_BATCH));
                Device simulated = HostDevice.simulated(SimulatedCost.parse("2,0.25"));
                Engine gaining = simulated.load(bundle.source(MAX_BATCH))) {
            assertFalse(engine.gainsByBatches());
            assertTrue(gaining.gainsByBatches());
        }
    }

    /** All outputs of a batch of different images. */
    private static float[] computed(Bundle bundle, Device with, int batch) {
        TensorSpec output = bundle.outputs().getFirst();
        List<Integer> shape = bundle.input().shape();
        try (Device device = with;
                Stream stream = device.createStream("test");
                Memory pixels = device.allocateDevice(MAX_BATCH * bundle.input().rowBytes());
                Memory result = device.allocateDevice(MAX_BATCH * output.rowBytes());
                Engine engine = device.load(bundle.source(MAX_BATCH));
                Engine.Context context = engine.createContext()) {
            context.bind(bundle.input().name(), pixels);
            context.bind(output.name(), result);
            for (int row = 0; row < batch; row++) {
                byte[] image = Golden.pattern(10 * batch + row, shape.get(0), shape.get(1));
                MemorySegment.copy(
                        MemorySegment.ofArray(image),
                        0,
                        pixels.segment(),
                        row * bundle.input().rowBytes(),
                        image.length);
            }
            context.enqueue(batch, stream);
            stream.synchronize();
            return result.segment()
                    .asSlice(0, batch * output.rowBytes())
                    .toArray(ValueLayout.JAVA_FLOAT);
        }
    }

    /** What this network computes: softmax of ten times the mean of each channel. */
    private static double[] scores(byte[] image) {
        double[] scores = new double[3];
        for (int i = 0; i < image.length; i++) {
            scores[i % 3] += (image[i] & 0xff) / 255.0 / (image.length / 3);
        }
        double sum = 0;
        for (int c = 0; c < 3; c++) {
            scores[c] = Math.exp(10 * scores[c]);
            sum += scores[c];
        }
        for (int c = 0; c < 3; c++) {
            scores[c] /= sum;
        }
        return scores;
    }
}
