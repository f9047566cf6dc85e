package dev.millrace.bundle.tail;

import ai.onnx.proto.OnnxMl.NodeProto;
import dev.millrace.bundle.Declaration;
import dev.millrace.bundle.Pooling;
import java.util.List;
import java.util.Map;

/** What stands behind the one output of a classifier, an embedding or a segmentation. */
public final class SingleTail {
    /** Below it a vector has no direction. */
    private static final float LEAST_LENGTH = 1e-12f;

    private final TailNodes tail;
    private final Declaration declared;
    private final String role;
    private final String output;
    private final List<Integer> shape;
    private List<Integer> surface;

    /**
     * @param shapes of the outputs with a role by name, without the batch; checked
     */
    private SingleTail(int opset, Declaration declared, Map<String, List<Integer>> shapes) {
        this.tail = new TailNodes(opset);
        this.declared = declared;
        this.role = declared.outputs().keySet().iterator().next();
        this.output = declared.outputs().get(role);
        this.shape = shapes.get(output);
    }

    public static SingleTail of(
            int opset, Declaration declared, Map<String, List<Integer>> shapes) {
        SingleTail made = new SingleTail(opset, declared, shapes);
        switch (declared.readyKind().orElseThrow()) {
            case CLASSIFIER -> made.scores();
            case EMBEDDING -> made.vector();
            case SEGMENTATION -> made.classes();
            default -> throw new AssertionError("no other kind has one");
        }
        return made;
    }

    public List<NodeProto> nodes() {
        return tail.list();
    }

    /** Role to shape. The name of the tensor is {@link Nodes#PREFIX} and its role. */
    public Map<String, List<Integer>> surface() {
        return Map.of(role, surface);
    }

    /** Scores {@code [C]} of logits, which may have sides of 1. */
    private void scores() {
        int classes = product(shape);
        String logits = shape.size() == 1 ? output : tail.reshape(output, "logits", 0, classes);
        tail.activated(logits, declared.decoding().orElseThrow().activation(), role, 1);
        surface = List.of(classes);
    }

    /** One vector {@code [D]}, of several {@code [T, D]} where they are pooled. */
    private void vector() {
        Pooling pooling = declared.pooling();
        int length = pooling.pool() == Pooling.Pool.NONE ? product(shape) : shape.getLast();
        String vector =
                switch (pooling.pool()) {
                    case NONE -> tail.reshape(output, "vector", 0, length);
                    case FIRST ->
                            tail.reshape(tail.slice(output, "first", 1, 0, 1), "vector", 0, length);
                    case MEAN -> tail.mean(output, "vector");
                };
        if (pooling.unit()) {
            String square = tail.add("Mul", List.of(vector, vector), "squares");
            String sum = tail.sum(square, "square_length");
            String root = tail.add("Sqrt", List.of(sum), "length");
            String least =
                    tail.constant("least_length", List.of(1L, 1L), new float[] {LEAST_LENGTH});
            String safe = tail.add("Max", List.of(root, least), "safe_length");
            tail.add("Div", List.of(vector, safe), role);
        } else {
            tail.add("Identity", List.of(vector), role);
        }
        surface = List.of(length);
    }

    /**
     * The class {@code [H, W]} of each place, by its scores {@code [C, H, W]} where it has some.
     */
    private void classes() {
        surface = shape.subList(shape.size() - 2, shape.size());
        if (shape.size() == 3 && shape.getFirst() > 1) {
            tail.place(output, role, 1);
        } else {
            tail.reshape(output, role, 0, surface.get(0), surface.get(1));
        }
    }

    private static int product(List<Integer> sides) {
        return sides.stream().reduce(1, Math::multiplyExact);
    }
}
