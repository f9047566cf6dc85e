package dev.millrace.bundle.graph;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.millrace.api.OutputTensor;
import dev.millrace.api.OutputTensors;
import dev.millrace.bundle.Bundle;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Runs a graph in ONNX Runtime and keeps what came out. */
public final class GraphRun {
    private final int batch;
    private final Map<String, float[]> values = new LinkedHashMap<>();

    private GraphRun(int batch) {
        this.batch = batch;
    }

    /** A bundle on {@code uint8 [batch, H, W, 3]}. */
    public static GraphRun onPixels(Bundle bundle, byte[]... images) throws OrtException {
        ByteBuffer pixels = ByteBuffer.allocateDirect(images.length * images[0].length);
        for (byte[] image : images) {
            pixels.put(image);
        }
        List<Integer> row = bundle.input().shape();
        long[] shape = {images.length, row.get(0), row.get(1), row.get(2)};
        try (OnnxTensor input =
                OnnxTensor.createTensor(
                        OrtEnvironment.getEnvironment(),
                        pixels.flip(),
                        shape,
                        OnnxJavaType.UINT8)) {
            return run(bundle.onnx(), bundle.input().name(), input, images.length);
        }
    }

    /** A graph as its author exported it, on {@code float32}. */
    public static GraphRun onFloats(Path onnx, String name, float[] values, long... shape)
            throws OrtException {
        try (OnnxTensor input =
                OnnxTensor.createTensor(
                        OrtEnvironment.getEnvironment(), FloatBuffer.wrap(values), shape)) {
            return run(onnx, name, input, (int) shape[0]);
        }
    }

    private static GraphRun run(Path onnx, String name, OnnxTensor input, int batch)
            throws OrtException {
        GraphRun run = new GraphRun(batch);
        try (OrtSession session = OrtEnvironment.getEnvironment().createSession(onnx.toString());
                OrtSession.Result result = session.run(Map.of(name, input))) {
            result.forEach(
                    output -> {
                        FloatBuffer buffer = ((OnnxTensor) output.getValue()).getFloatBuffer();
                        float[] copy = new float[buffer.remaining()];
                        buffer.get(copy);
                        run.values.put(output.getKey(), copy);
                    });
        }
        return run;
    }

    /** All rows of an output, one after another. */
    public float[] all(String output) {
        return values.get(output);
    }

    /** One row of an output. */
    public float[] row(String output, int image) {
        float[] all = values.get(output);
        int length = all.length / batch;
        float[] row = new float[length];
        System.arraycopy(all, image * length, row, 0, length);
        return row;
    }

    /** What a module would be given for one image. */
    public OutputTensors outputs(Bundle bundle, int image) {
        List<OutputTensor> tensors = new ArrayList<>();
        bundle.outputs()
                .forEach(
                        spec ->
                                tensors.add(
                                        new OutputTensor(
                                                spec.name(),
                                                spec.shape(),
                                                MemorySegment.ofArray(row(spec.name(), image)))));
        return new OutputTensors(tensors);
    }

    /** The largest difference of two runs' values. */
    public static double deviation(float[] a, float[] b) {
        double most = a.length == b.length ? 0 : Double.POSITIVE_INFINITY;
        for (int i = 0; i < Math.min(a.length, b.length); i++) {
            most = Math.max(most, Math.abs((double) a[i] - b[i]));
        }
        return most;
    }
}
