package dev.millrace.bundle.plan;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import com.google.protobuf.ByteString;
import dev.millrace.bundle.Nodes;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
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
final class Fp16Graph {
    /** Raise it when the rule or the graph that comes out changes. */
    static final int VERSION = 1;

    private static final String HALF = Nodes.PREFIX + "half_";
    private static final String UNBIASED = Nodes.PREFIX + "unbiased_";

    private final boolean rounding;
    private final ModelProto model;
    private final TypedTensors tensors;
    private final PrecisionRule rule;

    /** Name to the name of its FP16 form, where there is one already. */
    private final Map<String, String> halves = new HashMap<>();

    /** Tensors that exist as FP16 only. */
    private final Set<String> lacksFull = new HashSet<>();

    private final List<NodeProto> nodes = new ArrayList<>();
    private final List<TensorProto> constants = new ArrayList<>();

    private Fp16Graph(ModelProto folded, boolean rounding) {
        this.rounding = rounding;
        this.model = folded;
        this.tensors = new TypedTensors(folded.getGraph());
        this.rule = new PrecisionRule(folded, tensors);
    }

    /**
     * @param folded what {@link FoldedGraph} made
     */
    static ModelProto of(ModelProto folded) {
        return new Fp16Graph(folded, false).convert();
    }

    /**
     * The same for ONNX Runtime on a CPU, which computes FP16 nodes in FP32 and leaves out the
     * conversions between two of them. Here a node that it neither removes nor computes in FP32
     * follows each of them, so that all results are rounded as a GPU would round them.
     */
    static ModelProto rounding(ModelProto folded) {
        return new Fp16Graph(folded, true).convert();
    }

    private ModelProto convert() {
        GraphProto graph = model.getGraph();
        for (int i = 0; i < graph.getNodeCount(); i++) {
            NodeProto node = graph.getNode(i);
            if (!rule.half(i)) {
                addFull(node);
            } else if (biasStaysFull(node)) {
                addWithFullBias(node);
            } else {
                addHalf(node);
            }
        }
        graph.getOutputList().stream().map(ValueInfoProto::getName).forEach(this::asFull);
        GraphProto.Builder converted =
                graph.toBuilder().clearValueInfo().clearNode().addAllNode(nodes);
        constants.addAll(usedConstants(graph));
        converted.clearInitializer().addAllInitializer(constants);
        return model.toBuilder().setGraph(converted).build();
    }

    /** Where FP32 follows anyway, a bias need not be rounded. */
    private boolean biasStaysFull(NodeProto node) {
        return node.getOpType().startsWith("Conv")
                && node.getInputCount() == 3
                && tensors.isConstant(node.getInput(1))
                && tensors.isConstant(node.getInput(2))
                && rule.readInFullOnly(node.getOutput(0));
    }

    private void addWithFullBias(NodeProto node) {
        String output = node.getOutput(0);
        String product = UNBIASED + output;
        TensorProto bias = tensors.constant(node.getInput(2));
        int rank = tensors.constant(node.getInput(1)).getDimsCount();
        TensorProto.Builder perChannel =
                bias.toBuilder()
                        .setName(Nodes.PREFIX + "bias_" + output)
                        .clearDims()
                        .addDims(1)
                        .addDims(bias.getDims(0));
        for (int i = 2; i < rank; i++) {
            perChannel.addDims(1);
        }
        constants.add(perChannel.build());
        addHalf(
                node.toBuilder()
                        .clearInput()
                        .addAllInput(node.getInputList().subList(0, 2))
                        .setOutput(0, product)
                        .build());
        asFull(product);
        nodes.add(
                Nodes.node(
                        "Add",
                        Nodes.PREFIX + "add_bias_" + output,
                        List.of(product, perChannel.getName()),
                        List.of(output)));
    }

    private void addHalf(NodeProto node) {
        List<String> following = rule.following(node);
        NodeProto.Builder half = node.toBuilder();
        for (int i = 0; i < node.getInputCount(); i++) {
            if (following.contains(node.getInput(i))) {
                half.setInput(i, asHalf(node.getInput(i)));
            }
        }
        for (int i = 0; i < node.getOutputCount(); i++) {
            String output = node.getOutput(i);
            if (tensors.isFloat(output) || output.startsWith(UNBIASED)) {
                half.setOutput(i, HALF + output);
                halves.put(output, HALF + output);
                lacksFull.add(output);
            }
        }
        if (rounding) {
            addRounded(half.build());
        } else {
            nodes.add(half.build());
        }
    }

    /** A Concat of one tensor copies it, in FP16. */
    private void addRounded(NodeProto node) {
        NodeProto.Builder exact = node.toBuilder();
        List<NodeProto> copies = new ArrayList<>();
        for (int i = 0; i < node.getOutputCount(); i++) {
            String output = node.getOutput(i);
            if (output.startsWith(HALF)) {
                exact.setOutput(i, output + "_computed");
                copies.add(
                        Nodes.node(
                                "Concat",
                                output + "_rounded",
                                List.of(output + "_computed"),
                                List.of(output),
                                Nodes.attribute("axis", 0)));
            }
        }
        nodes.add(exact.build());
        nodes.addAll(copies);
    }

    private void addFull(NodeProto node) {
        node.getInputList().forEach(this::asFull);
        boolean widens =
                node.getOpType().equals("Cast")
                        && tensors.isFloat(node.getOutput(0))
                        && tensors.isHalf(node.getInput(0));
        if (widens) {
            halves.put(node.getOutput(0), node.getInput(0));
        }
        nodes.add(node);
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
                Nodes.node(
                        "Cast",
                        Nodes.PREFIX + "cast_" + from,
                        List.of(from),
                        List.of(to),
                        Nodes.attribute("to", type.getNumber())));
    }

    private static TensorProto halved(TensorProto constant) {
        short[] values = Fp16Weights.round(constant);
        ByteBuffer raw =
                ByteBuffer.allocate(values.length * Short.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        raw.asShortBuffer().put(values);
        return TensorProto.newBuilder()
                .setName(HALF + constant.getName())
                .setDataType(DataType.FLOAT16.getNumber())
                .addAllDims(constant.getDimsList())
                .setRawData(ByteString.copyFrom(raw))
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
