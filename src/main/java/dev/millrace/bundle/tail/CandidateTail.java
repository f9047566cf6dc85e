package dev.millrace.bundle.tail;

import ai.onnx.proto.OnnxMl.NodeProto;
import dev.millrace.bundle.Declaration;
import dev.millrace.bundle.Nodes;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Behind a detector, keeps the boxes with the best scores and drops the rest, so that hundreds of
 * rows leave the graph instead of thousands. A box's score is that of its best class; the rows that
 * are left come best first, ties in the order of the graph. Suppression of overlaps stays with the
 * module.
 */
public final class CandidateTail {
    /** GatherElements, and TopK with its order promised. */
    private static final int MIN_OPSET = 11;

    private final TailNodes tail;
    private final int count;
    private final Map<String, String> tensors;
    private final Map<String, List<Integer>> shapes;

    /**
     * @param tensors the tensor of each role: boxes {@code [N, K, 4]}, scores {@code [N, K, C]} or
     *     score and class {@code [N, K]}
     * @param shapes of the roles, without the batch
     */
    public CandidateTail(
            int opset,
            Declaration declared,
            int count,
            Map<String, String> tensors,
            Map<String, List<Integer>> shapes) {
        this.tail = new TailNodes(opset);
        this.count = count;
        this.tensors = tensors;
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
        int boxes = shapes.get("boxes").getFirst();
        if (count > boxes) {
            throw declared.wrong(
                    "candidates",
                    count,
                    "is more than the model's " + boxes + " boxes; give a smaller number");
        }
    }

    /**
     * Role to shape of what is left. The name of each tensor is {@link Nodes#PREFIX} and its role.
     */
    public Map<String, List<Integer>> surface() {
        Map<String, List<Integer>> surface = new LinkedHashMap<>();
        shapes.forEach(
                (role, shape) ->
                        surface.put(
                                role,
                                shape.size() == 1 ? List.of(count) : List.of(count, shape.get(1))));
        return surface;
    }

    public List<NodeProto> nodes() {
        String size = tail.constant("count", count);
        boolean dense = tensors.containsKey("scores");
        String best =
                dense ? tail.largest(tensors.get("scores"), "best", true) : tensors.get("score");
        tail.add(
                "TopK",
                List.of(best, size),
                List.of(Nodes.PREFIX + "best_scores", Nodes.PREFIX + "best_rows"),
                Nodes.attribute("axis", 1));
        tensors.keySet().forEach(role -> gather(role, dense));
        return tail.list();
    }

    /** The best rows, their number repeated for each column of the tensor. */
    private void gather(String role, boolean dense) {
        String rows = Nodes.PREFIX + "best_rows";
        if (shapes.get(role).size() == 2) {
            long columns = shapes.get(role).get(1);
            if (!dense) {
                rows = tail.reshape(rows, role + "_column", 0, -1, 1);
            }
            String shape = tail.constant(role + "_columns", 1, 1, columns);
            rows = tail.add("Expand", List.of(rows, shape), role + "_best_rows");
        }
        tail.add(
                "GatherElements",
                List.of(tensors.get(role), rows),
                role,
                Nodes.attribute("axis", 1));
    }
}
