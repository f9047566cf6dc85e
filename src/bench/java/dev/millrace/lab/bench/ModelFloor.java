package dev.millrace.lab.bench;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.millrace.api.InputTensor;
import dev.millrace.bundle.Bundle;
import dev.millrace.job.FailureException;
import dev.millrace.modules.Modules;
import dev.millrace.nativelib.OnnxRuntime;
import dev.millrace.preprocess.Floor;
import dev.millrace.preprocess.ImagePreprocessor;
import dev.millrace.resource.Resources;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;

/**
 * Decodes photos, resizes them and runs a model on each, one after the other on the thread that
 * calls, and nothing else: what a worker without a GPU cannot do without.
 */
final class ModelFloor implements Floor {
    private final Resources resources = new Resources();
    private final List<byte[]> photos;
    private final ImagePreprocessor preprocessor;
    private final InputTensor row;
    private final OrtSession session;
    private final Map<String, OnnxTensor> input;

    ModelFloor(Bundle bundle, List<byte[]> photos) throws OrtException {
        this.photos = photos;
        this.preprocessor = resources.own(new ImagePreprocessor(Modules.create(bundle.spec())));
        List<Integer> shape = bundle.input().shape();
        MemorySegment pixels =
                resources.own(Arena.ofShared()).allocate(bundle.input().rowBytes(), 64);
        this.row = new InputTensor(0, shape.get(1), shape.get(0), pixels);
        try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
            options.setIntraOpNumThreads(1);
            options.setInterOpNumThreads(1);
            this.session =
                    resources.own(
                            OnnxRuntime.environment()
                                    .createSession(bundle.onnx().toString(), options));
        }
        long[] one =
                LongStream.concat(LongStream.of(1), shape.stream().mapToLong(Integer::longValue))
                        .toArray();
        this.input =
                Map.of(
                        bundle.input().name(),
                        resources.own(
                                OnnxTensor.createTensor(
                                        OnnxRuntime.environment(),
                                        pixels.asByteBuffer(),
                                        one,
                                        OnnxJavaType.UINT8)));
    }

    @Override
    public void all() throws FailureException, OrtException {
        for (byte[] photo : photos) {
            preprocessor.preprocess(photo, row);
            session.run(input).close();
        }
    }

    @Override
    public void close() {
        resources.close();
    }
}
