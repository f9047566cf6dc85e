package dev.millrace.bundle.graph;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorShapeProto.Dimension;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import dev.millrace.bundle.Nodes;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.LongBuffer;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Opens the batch of a graph that was exported for one of a fixed size, as most exporters do by
 * default: its input's first dimension becomes a name, and a Reshape to a constant shape that
 * begins with the batch takes that dimension from its input. Whether the graph then says the same
 * of each image is for {@link GraphProbe} to find out; what it cannot open stays as it was.
 */
final class BatchOpening {
    private final GraphProto graph;
    private final long fixed;
    private final Map<String, TensorProto> constants = new HashMap<>();
    private final Map<String, List<Double>> given;

    private BatchOpening(GraphProto graph, long fixed, Map<String, List<Double>> given) {
        this.graph = graph;
        this.fixed = fixed;
        this.given = given;
        for (TensorProto tensor : graph.getInitializerList()) {
            constants.put(tensor.getName(), tensor);
        }
        for (NodeProto node : graph.getNodeList()) {
            if (node.getOpType().equals("Constant") && node.getOutputCount() == 1) {
                node.getAttributeList().stream()
                        .filter(attribute -> attribute.getName().equals("value"))
                        .map(AttributeProto::getT)
                        .forEach(tensor -> constants.put(node.getOutput(0), tensor));
            }
        }
    }

    /**
     * @param fixed the batch of the graph as it is
     * @param given the values of inputs beside the image, of which one may be a shape
     */
    static ModelProto of(ModelProto model, long fixed, Map<String, List<Double>> given) {
        return model.toBuilder()
                .setGraph(new BatchOpening(model.getGraph(), fixed, given).opened())
                .build();
    }

    private GraphProto opened() {
        GraphProto.Builder opened = graph.toBuilder().clearValueInfo();
        for (int i = 0; i < graph.getInputCount(); i++) {
            // A vector is one value for all images.
            if (graph.getInput(i).getType().getTensorType().getShape().getDimCount() > 1) {
                opened.setInput(i, opened(graph.getInput(i)));
            }
        }
        for (int i = 0; i < graph.getOutputCount(); i++) {
            opened.setOutput(i, opened(graph.getOutput(i)));
        }
        Nodes nodes = new Nodes();
        Set<String> replaced = new HashSet<>();
        for (int i = 0; i < graph.getNodeCount(); i++) {
            NodeProto node = graph.getNode(i);
            long[] shape = shape(node);
            if (shape.length > 0 && shape[0] == fixed) {
                // 0 takes the dimension of the input.
                shape[0] = 0;
                replaced.add(node.getInput(1));
                node = node.toBuilder().setInput(1, nodes.constant("shape_" + i, shape)).build();
            }
            nodes.list().add(node);
        }
        // ONNX Runtime warns of weights that nothing reads, and in old files they are inputs too.
        nodes.list().forEach(node -> replaced.removeAll(node.getInputList()));
        List<ValueInfoProto> inputs =
                opened.getInputList().stream()
                        .filter(input -> !isReplaced(input.getName(), replaced))
                        .toList();
        List<TensorProto> kept =
                graph.getInitializerList().stream()
                        .filter(tensor -> !replaced.contains(tensor.getName()))
                        .toList();
        return opened.clearInput()
                .addAllInput(inputs)
                .clearInitializer()
                .addAllInitializer(kept)
                .clearNode()
                .addAllNode(nodes.list())
                .build();
    }

    private boolean isReplaced(String input, Set<String> replaced) {
        return replaced.contains(input) && constants.containsKey(input);
    }

    /** Weights among the inputs begin with another dimension than the batch, or do not matter. */
    private ValueInfoProto opened(ValueInfoProto surface) {
        var type = surface.getType().getTensorType();
        boolean batched =
                !constants.containsKey(surface.getName())
                        && type.getShape().getDimCount() > 0
                        && type.getShape().getDim(0).getDimValue() == fixed;
        if (!batched) {
            return surface;
        }
        ValueInfoProto.Builder open = surface.toBuilder();
        open.getTypeBuilder()
                .getTensorTypeBuilder()
                .getShapeBuilder()
                .setDim(0, Dimension.newBuilder().setDimParam(Nodes.PREFIX + "batch"));
        return open.build();
    }

    /** The constant shape of a Reshape in which 0 means the input's dimension; else empty. */
    private long[] shape(NodeProto node) {
        boolean reshapes = node.getOpType().equals("Reshape") && node.getInputCount() == 2;
        boolean zeroIsZero =
                node.getAttributeList().stream()
                        .anyMatch(a -> a.getName().equals("allowzero") && a.getI() != 0);
        if (reshapes && !zeroIsZero && given.containsKey(node.getInput(1))) {
            return given.get(node.getInput(1)).stream().mapToLong(Double::longValue).toArray();
        }
        if (!reshapes || zeroIsZero || !constants.containsKey(node.getInput(1))) {
            return new long[0];
        }
        TensorProto tensor = constants.get(node.getInput(1));
        if (!tensor.hasRawData()) {
            return tensor.getInt64DataList().stream().mapToLong(Long::longValue).toArray();
        }
        LongBuffer values =
                ByteBuffer.wrap(tensor.getRawData().toByteArray())
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .asLongBuffer();
        long[] shape = new long[values.remaining()];
        values.get(shape);
        return shape;
    }
}
