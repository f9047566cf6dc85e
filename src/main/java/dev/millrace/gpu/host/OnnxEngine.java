package dev.millrace.gpu.host;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.millrace.gpu.DeviceException;
import dev.millrace.gpu.Engine;
import dev.millrace.gpu.EngineSource;
import dev.millrace.gpu.Memory;
import dev.millrace.gpu.Stream;
import dev.millrace.gpu.TensorSpec;
import dev.millrace.nativelib.OnnxRuntime;
import dev.millrace.resource.Resources;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;

/**
 * A model in ONNX Runtime. The weights are held once; each lane runs the session on its stream's
 * thread, with inputs and outputs in the memory that was bound.
 *
 * <p>A core gains nothing by a large batch, and the runtime keeps memory for all that lies between
 * the layers of one, which no cache holds. So a batch is computed as many rows at a time as there
 * are threads.
 */
final class OnnxEngine implements Engine {
    private final EngineSource source;
    private final OrtEnvironment environment = OnnxRuntime.environment();
    private final int rowsAtATime;
    private final OrtSession session;

    OnnxEngine(EngineSource source, int threads) {
        this.source = source;
        this.rowsAtATime = threads;
        try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
            options.setIntraOpNumThreads(threads);
            options.setInterOpNumThreads(1);
            // Idle threads of the runtime must not burn the cores that decode.
            options.addConfigEntry("session.intra_op.allow_spinning", "0");
            this.session = environment.createSession(source.onnx().toString(), options);
        } catch (OrtException e) {
            throw new DeviceException(
                    "ONNX Runtime cannot load %s: %s"
                            .formatted(
                                    source.onnx(), e.getMessage().lines().findFirst().orElse("")),
                    e);
        }
    }

    @Override
    public EngineSource source() {
        return source;
    }

    @Override
    public Context createContext() {
        return new OnnxContext();
    }

    @Override
    public void close() {
        try {
            session.close();
        } catch (OrtException e) {
            throw new DeviceException(
                    "ONNX Runtime cannot free " + source.name() + ": " + e.getMessage(), e);
        }
    }

    private final class OnnxContext implements Context {
        private final Resources resources = new Resources();
        private final Map<String, Memory> bound = new HashMap<>();
        private final Map<Rows, Tensors> tensors = new HashMap<>();

        @Override
        public void bind(String tensor, Memory memory) {
            bound.put(tensor, memory);
        }

        @Override
        public void enqueue(int batch, Stream stream) {
            source.requireBatch(batch);
            ((HostStream) stream).enqueue("compute " + batch, () -> run(batch));
        }

        private void run(int batch) {
            try {
                for (int first = 0; first < batch; first += rowsAtATime) {
                    Tensors part = part(first, Math.min(rowsAtATime, batch - first));
                    session.run(part.inputs, part.outputs).close();
                }
            } catch (OrtException e) {
                throw new DeviceException(
                        "ONNX Runtime failed a batch of %s for %s: %s"
                                .formatted(batch, source.name(), e.getMessage()),
                        e);
            }
        }

        private Tensors part(int first, int count) throws OrtException {
            Rows rows = new Rows(first, count);
            Tensors part = tensors.get(rows);
            if (part == null) {
                part = new Tensors(of(source.inputs(), rows), of(source.outputs(), rows));
                tensors.put(rows, part);
            }
            return part;
        }

        private Map<String, OnnxTensor> of(List<TensorSpec> specs, Rows rows) throws OrtException {
            Map<String, OnnxTensor> named = new HashMap<>();
            for (TensorSpec spec : specs) {
                long[] shape =
                        LongStream.concat(
                                        LongStream.of(rows.count),
                                        spec.shape().stream().mapToLong(Integer::longValue))
                                .toArray();
                MemorySegment part =
                        bound.get(spec.name())
                                .segment()
                                .asSlice(
                                        rows.first * spec.rowBytes(), rows.count * spec.rowBytes());
                ByteBuffer bytes = part.asByteBuffer().order(ByteOrder.nativeOrder());
                OnnxJavaType type =
                        switch (spec.type()) {
                            case UINT8 -> OnnxJavaType.UINT8;
                            case FLOAT32 -> OnnxJavaType.FLOAT;
                        };
                named.put(
                        spec.name(),
                        resources.own(OnnxTensor.createTensor(environment, bytes, shape, type)));
            }
            return named;
        }

        @Override
        public void close() {
            resources.close();
        }
    }

    /** Some rows of a batch. */
    private record Rows(int first, int count) {}

    /** The bound memory of some rows. */
    private record Tensors(Map<String, OnnxTensor> inputs, Map<String, OnnxTensor> outputs) {}
}
