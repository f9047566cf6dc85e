package dev.millrace.bundle;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.millrace.bundle.graph.Bundles;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * A batch of {@code safety} on ONNX Runtime with one thread: the bundle with scaling and
 * transposition in its graph, on uint8; and the model as its author exported it, on float32 that is
 * made beside it.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 2, time = 2)
@Measurement(iterations = 5, time = 2)
public class GraftBenchmark {
    private static final Path ENGINE = Path.of("engines/safety");
    private static final int SIDE = 224;
    private static final int PLANE = SIDE * SIDE;

    @Param({"1", "8"})
    int batch;

    private final OrtEnvironment environment = OrtEnvironment.getEnvironment();
    private OrtSession grafted;
    private OrtSession exported;
    private ByteBuffer pixels;
    private OnnxTensor bytes;
    private FloatBuffer values;
    private OnnxTensor floats;

    @Setup
    public void load() throws OrtException {
        Bundle bundle = Bundles.load(ENGINE, BundleCache.defaultDirectory());
        try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
            options.setIntraOpNumThreads(1);
            grafted = environment.createSession(bundle.onnx().toString(), options);
            exported = environment.createSession(ENGINE.resolve("model.onnx").toString(), options);
        }
        byte[] image = new byte[batch * PLANE * 3];
        new Random(1).nextBytes(image);
        pixels = ByteBuffer.allocateDirect(image.length).put(image).flip();
        values =
                ByteBuffer.allocateDirect(4 * image.length)
                        .order(ByteOrder.nativeOrder())
                        .asFloatBuffer();
        long[] rows = {batch, SIDE, SIDE, 3};
        bytes = OnnxTensor.createTensor(environment, pixels, rows, OnnxJavaType.UINT8);
        long[] planes = {batch, 3, SIDE, SIDE};
        floats = OnnxTensor.createTensor(environment, values, planes);
    }

    /** Scales to 0 to 1 and sorts pixels into planes, as a plain loop. */
    @Benchmark
    public FloatBuffer convert() {
        for (int row = 0; row < batch; row++) {
            int at = row * PLANE * 3;
            for (int channel = 0; channel < 3; channel++) {
                int plane = at + channel * PLANE;
                for (int pixel = 0; pixel < PLANE; pixel++) {
                    int value = pixels.get(at + 3 * pixel + channel) & 0xff;
                    values.put(plane + pixel, value * (1 / 255f));
                }
            }
        }
        return values;
    }

    @Benchmark
    public float graftedOnBytes() throws OrtException {
        return run(grafted, bytes);
    }

    @Benchmark
    public float exportedOnFloats() throws OrtException {
        return run(exported, floats);
    }

    @Benchmark
    public float convertAndExportedOnFloats() throws OrtException {
        convert();
        return run(exported, floats);
    }

    private static float run(OrtSession session, OnnxTensor input) throws OrtException {
        String name = session.getInputNames().iterator().next();
        try (OrtSession.Result result = session.run(Map.of(name, input))) {
            return ((OnnxTensor) result.get(0)).getFloatBuffer().get(0);
        }
    }

    @TearDown
    public void close() throws OrtException {
        bytes.close();
        floats.close();
        grafted.close();
        exported.close();
    }
}
