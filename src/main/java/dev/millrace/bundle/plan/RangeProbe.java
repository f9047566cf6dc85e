package dev.millrace.bundle.plan;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.OrtSession.SessionOptions.OptLevel;
import ai.onnxruntime.TensorInfo;
import dev.millrace.bundle.BundleException;
import dev.millrace.bundle.Nodes;
import dev.millrace.bundle.graph.Graft;
import dev.millrace.nativelib.OnnxRuntime;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;

/**
 * Finds how large the tensors of a graph become, by running it in FP32 on a few images: black,
 * white, a ramp and noise. Whatever overflows on these would overflow on photos.
 */
final class RangeProbe {
    private static final String MAX = Nodes.PREFIX + "largest_";
    private static final long SEED = 1;
    private static final int IMAGES = 4;

    private RangeProbe() {}

    /**
     * The largest absolute value of each tensor.
     *
     * @param model that takes {@link Graft#INPUT}
     * @param tensors names of float32 tensors
     */
    static Map<String, Float> largest(ModelProto model, Set<String> tensors) {
        List<String> names = List.copyOf(new TreeSet<>(tensors));
        OrtEnvironment environment = OnnxRuntime.environment();
        try (OrtSession.SessionOptions options = OnnxRuntime.options(OptLevel.ALL_OPT)) {
            byte[] graph = measuring(model, names).toByteArray();
            try (OrtSession session = environment.createSession(graph, options)) {
                long[] shape =
                        ((TensorInfo) session.getInputInfo().get(Graft.INPUT).getInfo())
                                .getShape()
                                .clone();
                Map<String, Float> largest = new HashMap<>();
                // Where an export has fixed the batch to 1, they go one by one.
                boolean single = shape[0] == 1;
                shape[0] = single ? 1 : IMAGES;
                ByteBuffer images = images(shape);
                int bytes = images.capacity() / (single ? IMAGES : 1);
                for (int from = 0; from < images.capacity(); from += bytes) {
                    try (OnnxTensor input =
                                    OnnxTensor.createTensor(
                                            environment,
                                            images.slice(from, bytes),
                                            shape,
                                            OnnxJavaType.UINT8);
                            OrtSession.Result result = session.run(Map.of(Graft.INPUT, input))) {
                        for (int i = 0; i < names.size(); i++) {
                            OnnxTensor value = (OnnxTensor) result.get(MAX + i).orElseThrow();
                            largest.merge(names.get(i), value.getFloatBuffer().get(0), Math::max);
                        }
                    }
                }
                return largest;
            }
        } catch (OrtException e) {
            throw new BundleException(
                    "ONNX Runtime cannot run the graph to measure its values: " + e.getMessage());
        }
    }

    /** The graph with one number for each tensor in place of its outputs. */
    private static ModelProto measuring(ModelProto model, List<String> names) {
        ModelProto.Builder measuring = model.toBuilder();
        GraphProto.Builder graph = measuring.getGraphBuilder().clearOutput();
        for (int i = 0; i < names.size(); i++) {
            String size = MAX + "of_" + i;
            graph.addNode(
                    NodeProto.newBuilder().setOpType("Abs").addInput(names.get(i)).addOutput(size));
            graph.addNode(
                    NodeProto.newBuilder()
                            .setOpType("ReduceMax")
                            .addInput(size)
                            .addOutput(MAX + i)
                            .addAttribute(Nodes.attribute("keepdims", 0)));
            graph.addOutputBuilder().setName(MAX + i);
        }
        return measuring.build();
    }

    private static ByteBuffer images(long[] shape) {
        int size = Math.toIntExact(shape[1] * shape[2] * shape[3]);
        ByteBuffer images = ByteBuffer.allocateDirect(IMAGES * size);
        byte[] noise = new byte[size];
        new Random(SEED).nextBytes(noise);
        for (int i = 0; i < size; i++) {
            images.put(size + i, (byte) 255);
            images.put(2 * size + i, (byte) (255L * i / size));
        }
        return images.put(3 * size, noise);
    }
}
