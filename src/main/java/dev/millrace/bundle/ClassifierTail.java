package dev.millrace.bundle;

import ai.onnx.proto.OnnxMl.NodeProto;
import java.util.List;
import java.util.Map;

/** Behind a classifier, makes scores {@code [C]} of its logits, which may have sides of 1. */
final class ClassifierTail {
    private static final String ROLE = "scores";

    private final TailNodes tail;
    private final int classes;

    /**
     * @param shapes of the outputs with a role by name, without the batch
     */
    ClassifierTail(ModelGraph graph, Declaration declared, Map<String, List<Integer>> shapes) {
        this.tail = new TailNodes(graph.opset());
        String output = declared.outputs().get(ROLE);
        List<Integer> shape = shapes.get(output);
        this.classes = shape.stream().reduce(1, Math::multiplyExact);
        String logits = shape.size() == 1 ? output : tail.reshape(output, "logits", 0, classes);
        tail.activated(logits, declared.decoding().orElseThrow().activation(), ROLE, 1);
    }

    List<NodeProto> nodes() {
        return tail.list();
    }

    /** Role to shape. The name of the tensor is {@link Nodes#PREFIX} and its role. */
    Map<String, List<Integer>> surface() {
        return Map.of(ROLE, List.of(classes));
    }
}
