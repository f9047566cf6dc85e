package dev.millrace.bundle;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import com.google.protobuf.ByteString;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Rewrites a folded graph so that its types say what is computed in FP16, as a strongly typed
 * network of TensorRT wants it; {@link PrecisionRule} decides what. A tensor's name keeps meaning
 * its float32 form, its FP16 form has a name of its own, and a Cast stands between them only where
 * both are needed. Inputs and outputs keep their types.
 */
final class HalfGraph {
    /** Raise it when the rule or the graph that comes out changes. */
    static final int VERSION = 1;

    private static final String HALF = Nodes.PREFIX + "half_";

    private final ModelProto model;
    private final TypedTensors tensors;
    private final PrecisionRule rule;

    /** Name to the name of its FP16 form, where there is one already. */
    private final Map<String, String> halves = new HashMap<>();

    /** Tensors that exist as FP16 only. */
    private final Set<String> lacksFull = new HashSet<>();

    private final List<NodeProto> nodes = new ArrayList<>();
    private final List<TensorProto> constants = new ArrayList<>();

    private HalfGraph(ModelProto folded) {
        this.model = folded;
        this.tensors = new TypedTensors(folded.getGraph());
        this.rule = new PrecisionRule(folded.getGraph(), tensors);
    }

    /**
     * @param folded what {@link FoldedGraph} made
     */
    static ModelProto of(ModelProto folded) {
        return new HalfGraph(folded).convert();
    }

    private ModelProto convert() {
        GraphProto graph = model.getGraph();
        for (int i = 0; i < graph.getNodeCount(); i++) {
            NodeProto node = graph.getNode(i);
            nodes.add(rule.half(i) ? half(node) : full(node));
        }
        graph.getOutputList().stream().map(ValueInfoProto::getName).forEach(this::asFull);
        GraphProto.Builder converted =
                graph.toBuilder().clearValueInfo().clearNode().addAllNode(nodes);
        constants.addAll(usedConstants(graph));
        converted.clearInitializer().addAllInitializer(constants);
        return model.toBuilder().setGraph(converted).build();
    }

    private NodeProto half(NodeProto node) {
        List<String> following = rule.following(node);
        NodeProto.Builder half = node.toBuilder();
        for (int i = 0; i < node.getInputCount(); i++) {
            if (following.contains(node.getInput(i))) {
                half.setInput(i, asHalf(node.getInput(i)));
            }
        }
        for (int i = 0; i < node.getOutputCount(); i++) {
            String output = node.getOutput(i);
            if (tensors.isFloat(output)) {
                half.setOutput(i, HALF + output);
                halves.put(output, HALF + output);
                lacksFull.add(output);
            }
        }
        return half.build();
    }

    private NodeProto full(NodeProto node) {
        node.getInputList().forEach(this::asFull);
        boolean widens =
                node.getOpType().equals("Cast")
                        && tensors.isFloat(node.getOutput(0))
                        && tensors.isHalf(node.getInput(0));
        if (widens) {
            halves.put(node.getOutput(0), node.getInput(0));
        }
        return node;
    }

    private String asHalf(String tensor) {
        return halves.computeIfAbsent(
                tensor,
                name -> {
                    if (tensors.isConstant(name)) {
                        constants.add(halved(tensors.constant(name)));
                    } else {
                        cast(name, HALF + name, DataType.FLOAT16);
                    }
                    return HALF + name;
                });
    }

    private void asFull(String tensor) {
        if (lacksFull.remove(tensor)) {
            cast(halves.get(tensor), tensor, DataType.FLOAT);
        }
    }

    private void cast(String from, String to, DataType type) {
        nodes.add(
                NodeProto.newBuilder()
                        .setName(Nodes.PREFIX + "cast_" + from)
                        .setOpType("Cast")
                        .addInput(from)
                        .addOutput(to)
                        .addAttribute(Nodes.attribute("to", type.getNumber()))
                        .build());
    }

    private static TensorProto halved(TensorProto constant) {
        FloatBuffer values = TypedTensors.floats(constant);
        ByteBuffer raw =
                ByteBuffer.allocate(values.remaining() * Short.BYTES)
                        .order(ByteOrder.LITTLE_ENDIAN);
        while (values.hasRemaining()) {
            raw.putShort(Float.floatToFloat16(values.get()));
        }
        return TensorProto.newBuilder()
                .setName(HALF + constant.getName())
                .setDataType(DataType.FLOAT16.getNumber())
                .addAllDims(constant.getDimsList())
                .setRawData(ByteString.copyFrom(raw.flip()))
                .build();
    }

    private List<TensorProto> usedConstants(GraphProto graph) {
        Set<String> used = new HashSet<>();
        nodes.forEach(node -> used.addAll(node.getInputList()));
        graph.getOutputList().forEach(output -> used.add(output.getName()));
        return graph.getInitializerList().stream()
                .filter(
                        constant ->
                                used.contains(constant.getName())
                                        || tensors.isCaptured(constant.getName()))
                .toList();
    }
}
