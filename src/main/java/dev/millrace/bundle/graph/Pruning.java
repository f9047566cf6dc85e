package dev.millrace.bundle.graph;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Set;

/**
 * Leaves what the outputs of a graph are computed from. The rest may hold operators that no runtime
 * knows, such as the suppression that an export put behind its boxes.
 */
final class Pruning {
    private final Set<String> needed = new HashSet<>();
    private final GraphProto.Builder graph;

    private Pruning(GraphProto.Builder graph) {
        this.graph = graph;
    }

    static void prune(GraphProto.Builder graph) {
        new Pruning(graph).run();
    }

    private void run() {
        graph.getOutputList().forEach(output -> needed.add(output.getName()));
        Deque<NodeProto> kept = new ArrayDeque<>();
        // Nodes stand behind those that they read.
        for (int i = graph.getNodeCount() - 1; i >= 0; i--) {
            NodeProto node = graph.getNode(i);
            if (node.getOutputList().stream().anyMatch(needed::contains)) {
                kept.addFirst(node);
                reads(node);
            }
        }
        graph.clearNode().addAllNode(kept);
        Set<String> gone = new HashSet<>();
        graph.getInitializerList().stream()
                .map(tensor -> tensor.getName())
                .filter(name -> !needed.contains(name))
                .forEach(gone::add);
        var constants =
                graph.getInitializerList().stream()
                        .filter(tensor -> !gone.contains(tensor.getName()))
                        .toList();
        graph.clearInitializer().addAllInitializer(constants);
        // In old files weights are inputs too.
        var inputs =
                graph.getInputList().stream()
                        .filter(input -> !gone.contains(input.getName()))
                        .toList();
        graph.clearInput().addAllInput(inputs);
    }

    private void reads(NodeProto node) {
        needed.addAll(node.getInputList());
        for (AttributeProto attribute : node.getAttributeList()) {
            if (attribute.hasG()) {
                attribute.getG().getOutputList().forEach(output -> needed.add(output.getName()));
                attribute.getG().getNodeList().forEach(this::reads);
            }
        }
    }
}
