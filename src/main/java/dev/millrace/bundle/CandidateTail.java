package dev.millrace.bundle;

import ai.onnx.proto.OnnxMl.NodeProto;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Behind a detector, keeps the boxes with the best scores and drops the rest, so that hundreds of
 * rows leave the graph instead of thousands. A box's score is that of its best class; the rows that
 * are left come best first, ties in the order of the graph. Suppression of overlaps stays with the
 * module.
 */
final class CandidateTail {
    /** GatherElements, and TopK with its order promised. */
    private static final int MIN_OPSET = 11;

    /** Where ReduceMax takes its axes as an input. */
    private static final int REDUCE_AXES_INPUT_OPSET = 18;

    private final Declaration declared;
    private final int opset;
    private final int count;
    private final Map<String, List<Integer>> shapes;

    /**
     * @param shapes of boxes {@code [K, 4]} and scores {@code [K, C]} by name, checked
     */
    CandidateTail(
            ModelGraph graph, Declaration declared, int count, Map<String, List<Integer>> shapes) {
        this.declared = declared;
        this.opset = graph.opset();
        this.count = count;
        this.shapes = shapes;
        if (opset < MIN_OPSET) {
            throw declared.wrong(
                    "candidates",
                    count,
                    "needs opset "
                            + MIN_OPSET
                            + " and model.onnx has "
                            + opset
                            + "; convert the model or remove candidates");
        }
        int boxes = shapes.get(output("boxes")).getFirst();
        if (count > boxes) {
            throw declared.wrong(
                    "candidates",
                    count,
                    "is more than the model's " + boxes + " boxes; give a smaller number");
        }
    }

    /** Role to output name in a graph that has this tail. */
    static Map<String, String> outputNames(Declaration declared) {
        Map<String, String> names = new LinkedHashMap<>();
        declared.outputs().keySet().forEach(role -> names.put(role, Nodes.PREFIX + role));
        return names;
    }

    /** The outputs in the order of the graph, with their shapes without the batch dimension. */
    Map<String, List<Integer>> outputs(List<String> originals) {
        Map<String, List<Integer>> outputs = new LinkedHashMap<>();
        for (String original : originals) {
            String role = output("boxes").equals(original) ? "boxes" : "scores";
            outputs.put(Nodes.PREFIX + role, List.of(count, shapes.get(original).get(1)));
        }
        return outputs;
    }

    List<NodeProto> nodes() {
        Nodes tail = new Nodes();
        String best = best(tail);
        String size = tail.constant("count", count);
        tail.add(
                "TopK",
                List.of(best, size),
                List.of(Nodes.PREFIX + "best_scores", Nodes.PREFIX + "best_rows"),
                Nodes.attribute("axis", 1));
        gather(tail, "boxes");
        gather(tail, "scores");
        return tail.list();
    }

    /** {@code [N, K, 1]}: the score of each box's best class. */
    private String best(Nodes tail) {
        String scores = output("scores");
        var keep = Nodes.attribute("keepdims", 1);
        if (opset < REDUCE_AXES_INPUT_OPSET) {
            return tail.add(
                    "ReduceMax",
                    List.of(scores),
                    "best",
                    Nodes.attribute("axes", List.of(2L)),
                    keep);
        }
        String axes = tail.constant("class_axis", 2);
        return tail.add("ReduceMax", List.of(scores, axes), "best", keep);
    }

    /** The best rows, their number repeated for each column of the tensor. */
    private void gather(Nodes tail, String role) {
        long columns = shapes.get(output(role)).get(1);
        String shape = tail.constant(role + "_columns", 1, 1, columns);
        String rows =
                tail.add("Expand", List.of(Nodes.PREFIX + "best_rows", shape), role + "_best_rows");
        tail.add("GatherElements", List.of(output(role), rows), role, Nodes.attribute("axis", 1));
    }

    private String output(String role) {
        return declared.outputs().get(role);
    }
}
