package dev.millrace.bundle;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.OrtSession.SessionOptions.OptLevel;
import ai.onnxruntime.TensorInfo;
import dev.millrace.nativelib.OnnxRuntime;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Finds the shapes of a graph's outputs by running it, since a graph may leave them symbolic. The
 * batch is 2, so that a graph which cannot batch is found here and not under load.
 */
final class ShapeProbe {
    private static final int BATCH = 2;

    private final ModelGraph graph;

    /**
     * @param graph for messages
     */
    ShapeProbe(ModelGraph graph) {
        this.graph = graph;
    }

    /**
     * Output name to shape without the batch dimension, in the order of {@code outputs}.
     *
     * @param model that takes {@code uint8 [N, height, width, 3]} as {@link Graft#INPUT}
     */
    Map<String, List<Integer>> shapes(byte[] model, int height, int width, List<String> outputs) {
        OrtEnvironment environment = OnnxRuntime.environment();
        long[] shape = {BATCH, height, width, 3};
        ByteBuffer pixels = ByteBuffer.allocateDirect(BATCH * height * width * 3);
        // One run does not earn back what the optimiser costs.
        try (OrtSession.SessionOptions options = OnnxRuntime.options(OptLevel.NO_OPT)) {
            try (OrtSession session = environment.createSession(model, options);
                    OnnxTensor input =
                            OnnxTensor.createTensor(
                                    environment, pixels, shape, OnnxJavaType.UINT8);
                    OrtSession.Result result =
                            session.run(Map.of(Graft.INPUT, input), Set.copyOf(outputs))) {
                Map<String, List<Integer>> shapes = new LinkedHashMap<>();
                for (String name : outputs) {
                    shapes.put(name, rowShape(name, result));
                }
                return shapes;
            }
        } catch (OrtException e) {
            throw graph.wrong(
                    "graph",
                    e.getMessage().replaceFirst("^Error code.*?message: ", ""),
                    "is how ONNX Runtime refuses a batch of %s; export the model with a dynamic batch and standard operators"
                            .formatted(BATCH));
        }
    }

    private List<Integer> rowShape(String name, OrtSession.Result result) throws OrtException {
        long[] shape = ((TensorInfo) result.get(name).orElseThrow().getInfo()).getShape();
        if (shape.length == 0 || shape[0] != BATCH) {
            throw graph.wrong(
                    "output '" + name + "'",
                    "shape " + List.of(shape.length == 0 ? "scalar" : shape[0]),
                    "does not grow with the batch; export the model with a dynamic first"
                            + " dimension");
        }
        List<Integer> row = new ArrayList<>();
        for (int i = 1; i < shape.length; i++) {
            row.add(Math.toIntExact(shape[i]));
        }
        return row;
    }
}
