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
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.LongStream;

/**
 * A model in ONNX Runtime. The weights are held once; the rows of a batch are computed side by side
 * on {@link RowThreads}, each by one thread, with inputs and outputs in the memory that was bound.
 *
 * <p>A core gains nothing by a run of many rows, and the runtime keeps memory for all that lies
 * between the layers of one, which no cache holds. Threads that share the work of a layer wait for
 * each other at its end. So both cost CPU that rows of their own do not, and only where cores have
 * nothing else to do is a single row done sooner by several.
 */
final class OnnxEngine implements Engine {
    private final EngineSource source;
    private final OrtEnvironment environment = OnnxRuntime.environment();
    private final Resources resources = new Resources();
    private final OrtSession session;
    private final RowThreads threads;
    // Where a row may have all threads; it has the weights again.
    private final Optional<OrtSession> shared;

    /**
     * @param threadCount that compute
     * @param sharing whether all of them share each row of a batch that has no more rows than half
     *     of them
     */
    OnnxEngine(EngineSource source, int threadCount, boolean sharing) {
        this.source = source;
        try {
            this.session = resources.own(load(1));
            this.shared =
                    sharing && threadCount > 1
                            ? Optional.of(resources.own(load(threadCount)))
                            : Optional.empty();
            this.threads = resources.own(new RowThreads(source.name(), threadCount));
        } catch (Throwable e) {
            resources.closeAfter(e);
            throw e;
        }
    }

    private OrtSession load(int threadsPerRow) {
        try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
            options.setIntraOpNumThreads(threadsPerRow);
            options.setInterOpNumThreads(1);
            // Idle threads of the runtime must not burn the cores that decode.
            options.addConfigEntry("session.intra_op.allow_spinning", "0");
            return environment.createSession(source.onnx().toString(), options);
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

    /** While a batch of one row is computed, the other threads have nothing to do. */
    @Override
    public boolean gainsByBatches() {
        return false;
    }

    @Override
    public Context createContext() {
        return new OnnxContext();
    }

    @Override
    public void close() {
        resources.close();
    }

    private final class OnnxContext implements Context {
        private final Resources resources = new Resources();
        private final Map<String, Memory> bound = new HashMap<>();
        // By row; made by the stream's thread, used by one thread at a time.
        private final List<Row> rows = new ArrayList<>();

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
            while (rows.size() < batch) {
                rows.add(row(rows.size()));
            }
            if (shared.isPresent() && 2 * batch <= threads.count()) {
                rows.subList(0, batch).forEach(row -> run(shared.get(), row));
            } else {
                threads.run(batch, row -> run(session, rows.get(row)));
            }
        }

        private void run(OrtSession with, Row row) {
            try {
                with.run(row.inputs, row.outputs).close();
            } catch (OrtException e) {
                throw failed(e);
            }
        }

        private Row row(int row) {
            try {
                return new Row(of(source.inputs(), row), of(source.outputs(), row));
            } catch (OrtException e) {
                throw failed(e);
            }
        }

        private DeviceException failed(OrtException e) {
            return new DeviceException(
                    "ONNX Runtime failed a row of %s: %s".formatted(source.name(), e.getMessage()),
                    e);
        }

        private Map<String, OnnxTensor> of(List<TensorSpec> specs, int row) throws OrtException {
            Map<String, OnnxTensor> named = new HashMap<>();
            for (TensorSpec spec : specs) {
                long[] shape =
                        LongStream.concat(
                                        LongStream.of(1),
                                        spec.shape().stream().mapToLong(Integer::longValue))
                                .toArray();
                MemorySegment part =
                        bound.get(spec.name())
                                .segment()
                                .asSlice(row * spec.rowBytes(), spec.rowBytes());
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

    /** The bound memory of one row. */
    private record Row(Map<String, OnnxTensor> inputs, Map<String, OnnxTensor> outputs) {}
}
