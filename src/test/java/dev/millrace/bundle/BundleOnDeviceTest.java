package dev.millrace.bundle;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.millrace.gpu.Device;
import dev.millrace.gpu.Engine;
import dev.millrace.gpu.Memory;
import dev.millrace.gpu.Stream;
import dev.millrace.gpu.TensorSpec;
import dev.millrace.gpu.host.HostDevice;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A bundle says of itself what a device needs to load it and to bind its tensors. */
class BundleOnDeviceTest {
    private static final int MAX_BATCH = 4;

    @TempDir private Path cache;

    @Test
    void theColorsOfAnImageComeOutExactly() throws Exception {
        Bundle bundle = Bundles.load(Golden.TEST_ENGINES.resolve("colors"), cache);
        assertEquals(List.of(32, 32, 3), bundle.input().shape());
        TensorSpec scores = bundle.outputs().getFirst();
        assertEquals(new TensorSpec("output", TensorSpec.Type.FLOAT32, List.of(3)), scores);
        try (Device device = HostDevice.computing(1);
                Stream stream = device.createStream("test");
                Memory pixels = device.allocateDevice(MAX_BATCH * bundle.input().rowBytes());
                Memory result = device.allocateDevice(MAX_BATCH * scores.rowBytes());
                Engine engine = device.load(bundle.source(MAX_BATCH));
                Engine.Context context = engine.createContext()) {
            context.bind(bundle.input().name(), pixels);
            context.bind(scores.name(), result);
            for (int batch : new int[] {1, MAX_BATCH, 3}) {
                for (int row = 0; row < batch; row++) {
                    byte[] image = Golden.pattern(10 * batch + row, 32, 32);
                    MemorySegment.copy(
                            MemorySegment.ofArray(image),
                            0,
                            pixels.segment(),
                            row * bundle.input().rowBytes(),
                            image.length);
                }
                context.enqueue(batch, stream);
                stream.synchronize();
                for (int row = 0; row < batch; row++) {
                    double[] expected = scores(Golden.pattern(10 * batch + row, 32, 32));
                    for (int c = 0; c < 3; c++) {
                        float actual =
                                result.segment().getAtIndex(ValueLayout.JAVA_FLOAT, 3L * row + c);
                        assertEquals(expected[c], actual, 2e-6);
                    }
                }
            }
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
