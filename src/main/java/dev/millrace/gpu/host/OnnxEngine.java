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
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A model in ONNX Runtime. The weights are held once; each lane runs the session on its stream's
 * thread, with inputs and outputs in the memory that was bound.
 */
final class OnnxEngine implements Engine {
    private final EngineSource source;
    private final OrtEnvironment environment = OrtEnvironment.getEnvironment();
    private final OrtSession session;

    OnnxEngine(EngineSource source, int threads) {
        this.source = source;
        try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
            options.setIntraOpNumThreads(threads);
            options.setInterOpNumThreads(1);
            // Idle threads of the runtime must not burn the cores that decode.
            options.addConfigEntry("session.intra_op.allow_spinning", "0");
            this.session = environment.createSession(source.onnx().toString(), options);
        } catch (OrtException e) {
            throw new DeviceException(
                    "ONNX Runtime cannot load "
                            + source.onnx()
                            + ": "
                            + e.getMessage().lines().findFirst().orElse(""),
                    false,
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
                    "ONNX Runtime cannot free " + source.name() + ": " + e.getMessage(), false, e);
        }
    }

    private final class OnnxContext implements Context {
        private final Map<String, Memory> bound = new HashMap<>();
        private final Batch[] batches = new Batch[source.maxBatch() + 1];

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
                if (batches[batch] == null) {
                    batches[batch] =
                            new Batch(
                                    tensors(source.inputs(), batch),
                                    tensors(source.outputs(), batch));
                }
                Batch tensors = batches[batch];
                session.run(tensors.inputs, tensors.outputs).close();
            } catch (OrtException e) {
                throw new DeviceException(
                        "ONNX Runtime failed a batch of "
                                + batch
                                + " for "
                                + source.name()
                                + ": "
                                + e.getMessage(),
                        false,
                        e);
            }
        }

        private Map<String, OnnxTensor> tensors(List<TensorSpec> specs, int batch)
                throws OrtException {
            Map<String, OnnxTensor> tensors = new HashMap<>();
            for (TensorSpec spec : specs) {
                long[] shape = new long[spec.shape().size() + 1];
                shape[0] = batch;
                for (int i = 1; i < shape.length; i++) {
                    shape[i] = spec.shape().get(i - 1);
                }
                tensors.put(
                        spec.name(),
                        OnnxTensor.createTensor(
                                environment,
                                bound.get(spec.name())
                                        .segment()
                                        .asSlice(0, batch * spec.rowBytes())
                                        .asByteBuffer()
                                        .order(ByteOrder.nativeOrder()),
                                shape,
                                switch (spec.type()) {
                                    case UINT8 -> OnnxJavaType.UINT8;
                                    case FLOAT32 -> OnnxJavaType.FLOAT;
                                }));
            }
            return tensors;
        }

        @Override
        public void close() {
            for (Batch batch : batches) {
                if (batch != null) {
                    batch.inputs.values().forEach(OnnxTensor::close);
                    batch.outputs.values().forEach(OnnxTensor::close);
                }
            }
        }
    }

    /** The bound memory as tensors for one batch size. */
    private record Batch(Map<String, OnnxTensor> inputs, Map<String, OnnxTensor> outputs) {}
}
