package dev.millrace.bundle.graph;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import dev.millrace.bundle.Nodes;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Makes float32 of outputs that have another type, under their own names: what the graph itself
 * computes gets a new name, and a Cast gives the old one.
 */
final class OutputCasts {
    private static final String TYPED = Nodes.PREFIX + "typed_";

    private OutputCasts() {}

    static void add(GraphProto.Builder graph) {
        Map<String, String> renamed = new HashMap<>();
        for (ValueInfoProto output : graph.getOutputList()) {
            if (output.getType().getTensorType().getElemType() != DataType.FLOAT_VALUE) {
                renamed.put(output.getName(), TYPED + output.getName());
            }
        }
        if (renamed.isEmpty()) {
            return;
        }
        for (int i = 0; i < graph.getNodeCount(); i++) {
            graph.setNode(i, renamed(graph.getNode(i), renamed));
        }
        for (int i = 0; i < graph.getOutputCount(); i++) {
            String name = graph.getOutput(i).getName();
            if (renamed.containsKey(name)) {
                graph.getOutputBuilder(i)
                        .getTypeBuilder()
                        .getTensorTypeBuilder()
                        .setElemType(DataType.FLOAT_VALUE);
                graph.addNode(
                        Nodes.node(
                                "Cast",
                                Nodes.PREFIX + "cast_" + name,
                                List.of(renamed.get(name)),
                                List.of(name),
                                Nodes.attribute("to", DataType.FLOAT_VALUE)));
            }
        }
    }

    private static NodeProto renamed(NodeProto node, Map<String, String> names) {
        NodeProto.Builder renamed =
                node.toBuilder()
                        .clearInput()
                        .addAllInput(renamed(node.getInputList(), names))
                        .clearOutput()
                        .addAllOutput(renamed(node.getOutputList(), names));
        for (int i = 0; i < node.getAttributeCount(); i++) {
            AttributeProto attribute = node.getAttribute(i);
            if (attribute.hasG()) {
                renamed.getAttributeBuilder(i).setG(renamed(attribute.getG(), names));
            }
        }
        return renamed.build();
    }

    /** The body of an If or a Loop, which reads tensors of the graph and may hide some. */
    private static GraphProto renamed(GraphProto body, Map<String, String> names) {
        Set<String> own = new HashSet<>();
        body.getInputList().forEach(input -> own.add(input.getName()));
        body.getInitializerList().forEach(tensor -> own.add(tensor.getName()));
        body.getNodeList().forEach(node -> own.addAll(node.getOutputList()));
        Map<String, String> outer = new HashMap<>(names);
        outer.keySet().removeAll(own);
        GraphProto.Builder renamed = body.toBuilder().clearNode();
        body.getNodeList().forEach(node -> renamed.addNode(renamed(node, outer)));
        for (int i = 0; i < body.getOutputCount(); i++) {
            String name = body.getOutput(i).getName();
            renamed.getOutputBuilder(i).setName(outer.getOrDefault(name, name));
        }
        return renamed.build();
    }

    private static List<String> renamed(List<String> tensors, Map<String, String> names) {
        List<String> renamed = new ArrayList<>(tensors);
        renamed.replaceAll(name -> names.getOrDefault(name, name));
        return renamed;
    }
}
