package dev.millrace.bundle.tail;

import ai.onnx.proto.OnnxMl.NodeProto;
import dev.millrace.bundle.BundleException;
import dev.millrace.bundle.Column;
import dev.millrace.bundle.Declaration;
import dev.millrace.bundle.Decoding;
import dev.millrace.bundle.Decoding.Activation;
import dev.millrace.bundle.Decoding.Background;
import dev.millrace.bundle.Decoding.Units;
import dev.millrace.bundle.Nodes;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * Turns a detector's outputs, however they are laid out, into one of two forms: a score for each
 * class, {@code boxes [K, 4]} and {@code scores [K, C]}; or one class for each box, {@code boxes},
 * {@code score [K]} and {@code class [K]}. Boxes are x1, y1, x2, y2 in pixels of the input.
 */
public final class DetectorTail {
    private final Declaration declared;
    private final Decoding decoding;
    private final TailNodes tail;
    private final Map<String, List<Integer>> shapes;
    private final String prefix;

    /** The roles of the form that comes out, with the shapes of one image. */
    private final Map<String, List<Integer>> surface = new LinkedHashMap<>();

    private int rows;

    /**
     * @param shapes of the outputs with a role by name, without the batch
     * @param prefix of the names of what comes out
     */
    public DetectorTail(
            int opset, Declaration declared, Map<String, List<Integer>> shapes, String prefix) {
        this.prefix = prefix;
        this.declared = declared;
        this.decoding = declared.decoding().orElseThrow();
        this.shapes = shapes;
        this.tail = new TailNodes(opset);
        build();
    }

    public List<NodeProto> nodes() {
        return tail.list();
    }

    /** Role to shape. The name of each tensor is the prefix and its role. */
    public Map<String, List<Integer>> surface() {
        return surface;
    }

    private void build() {
        if (declared.outputs().containsKey("detections")) {
            whole();
        } else if (declared.outputs().containsKey("scores")) {
            Table boxes = table("boxes", 4);
            Table scores = table("scores", decoding.scoreColumns(declared.labels()));
            requireRows("scores", boxes, scores);
            boxes(boxes);
            scores(scores.tensor(), Optional.empty());
        } else {
            Table boxes = table("boxes", 4);
            boxes(boxes);
            sparse(counted(vector("score", boxes), true), vector("class", boxes));
        }
    }

    /** An output as {@code [N, rows, columns]}. */
    private record Table(String tensor, int rows, int columns) {}

    private void whole() {
        int columns = 0;
        for (Column column : decoding.columns()) {
            columns += width(column);
        }
        Table table = table("detections", columns);
        boxes(table);
        if (decoding.columns().contains(Column.SCORES)) {
            Optional<String> objectness =
                    decoding.columns().contains(Column.OBJECTNESS)
                            ? Optional.of(column(table, Column.OBJECTNESS))
                            : Optional.empty();
            scores(column(table, Column.SCORES), objectness);
        } else {
            sparse(counted(flat("score", table), true), flat("class", table));
        }
    }

    private int width(Column column) {
        return column == Column.SCORES ? decoding.scoreColumns(declared.labels()) : 1;
    }

    private String flat(String role, Table table) {
        String slice = column(table, Column.valueOf(role.toUpperCase(Locale.ROOT)));
        return tail.reshape(slice, role + "_flat", 0, table.rows());
    }

    /** An output whose columns are known, with the sides exchanged where they come first. */
    private Table table(String role, int columns) {
        List<Integer> shape = shapes.get(declared.outputs().get(role));
        List<Integer> sides = shape.stream().filter(side -> side != 1).toList();
        // A side of one is of no matter, but for a table that has no other.
        if (sides.size() < 2 || shape.size() == 2) {
            sides = shape.size() >= 2 ? shape.subList(shape.size() - 2, shape.size()) : shape;
        }
        if (sides.size() != 2) {
            throw wrong(role, "must be a table of boxes, [K, " + columns + "] per image");
        }
        boolean last = sides.get(1) == columns;
        boolean first = sides.get(0) == columns;
        if (!last && !first) {
            throw wrong(
                    role,
                    "has no side of %s columns%s; correct labels or columns"
                            .formatted(columns, inWords(role)));
        }
        if (last && first) {
            throw wrong(
                    role,
                    "has %s boxes and %1$s columns, so that one cannot tell which are the rows; export the model with [K, %1$s]"
                            .formatted(columns));
        }
        String tensor = declared.outputs().get(role);
        if (shape.size() > 2) {
            tensor = tail.reshape(tensor, role + "_table", 0, sides.get(0), sides.get(1));
        }
        if (first) {
            tensor =
                    tail.add(
                            "Transpose",
                            List.of(tensor),
                            role + "_rows",
                            Nodes.attribute("perm", List.of(0L, 2L, 1L)));
        }
        return new Table(tensor, sides.get(first ? 1 : 0), columns);
    }

    private String inWords(String role) {
        int scores = decoding.scoreColumns(declared.labels());
        return role.equals("boxes")
                ? ""
                : ", of which %s are scores for %s labels%s"
                        .formatted(
                                scores,
                                declared.labels().size(),
                                scores > declared.labels().size() ? " and the background" : "");
    }

    private void requireRows(String role, Table boxes, Table other) {
        if (boxes.rows() != other.rows()) {
            throw wrong(role, "must have as many rows as the output for boxes: " + boxes.rows());
        }
    }

    /** An output with one number for each box. */
    private String vector(String role, Table boxes) {
        List<Integer> shape = shapes.get(declared.outputs().get(role));
        int length = shape.stream().reduce(1, Math::multiplyExact);
        if (length != boxes.rows()) {
            throw wrong(role, "must be one number for each of " + boxes.rows() + " boxes");
        }
        return tail.reshape(declared.outputs().get(role), role + "_flat", 0, length);
    }

    private String column(Table table, Column wanted) {
        int from = 0;
        for (Column column : decoding.columns()) {
            int width = width(column);
            if (column == wanted) {
                return tail.slice(
                        table.tensor(), "column_" + wanted.label(), 2, from, from + width);
            }
            from += width;
        }
        throw new AssertionError(wanted + " is declared");
    }

    private void boxes(Table table) {
        rows = table.rows();
        surface.put("boxes", List.of(rows, 4));
        List<String> corners = new ArrayList<>();
        for (List<Column> axis : List.of(pair(Column.ACROSS), pair(Column.DOWN))) {
            corners.addAll(edges(table, axis));
        }
        List<String> ordered =
                List.of(corners.get(0), corners.get(2), corners.get(1), corners.get(3));
        boolean scaled = decoding.units() == Units.FRACTION;
        String boxes = scaled ? Nodes.PREFIX + "box_fractions" : prefix + "boxes";
        tail.add("Concat", ordered, List.of(boxes), Nodes.attribute("axis", 2));
        if (scaled) {
            float width = declared.width();
            float height = declared.height();
            String by =
                    tail.constant(
                            "box_sides",
                            List.of(1L, 1L, 4L),
                            new float[] {width, height, width, height});
            tail.add("Mul", List.of(boxes, by), List.of(prefix + "boxes"));
        }
    }

    private List<Column> pair(List<List<Column>> pairs) {
        return pairs.stream().filter(decoding.columns()::containsAll).findFirst().orElseThrow();
    }

    /** The lesser and the greater edge of the boxes along an axis. */
    private List<String> edges(Table table, List<Column> axis) {
        String first = column(table, axis.getFirst());
        String second = column(table, axis.getLast());
        if (!decoding.grid().isEmpty()) {
            GridCells cells = new GridCells(declared, rows);
            boolean across = axis.getFirst() == Column.CX;
            first =
                    tail.onGrid(
                            first, axis.getFirst().label(), cells.places(across), cells.strides());
            second = tail.sizes(second, axis.getLast().label(), cells.strides());
        }
        return switch (axis.getFirst()) {
            case CX, CY -> {
                String half = tail.half(second, axis.getLast().label());
                yield List.of(
                        tail.add("Sub", List.of(first, half), axis.getFirst().label() + "_low"),
                        tail.add("Add", List.of(first, half), axis.getFirst().label() + "_high"));
            }
            default ->
                    axis.getLast() == Column.W || axis.getLast() == Column.H
                            ? List.of(
                                    first,
                                    tail.add(
                                            "Add",
                                            List.of(first, second),
                                            axis.getFirst().label() + "_high"))
                            : List.of(first, second);
        };
    }

    /** From {@code [N, K, columns of scores]} to the scores of the labels. */
    private void scores(String tensor, Optional<String> objectness) {
        int columns = decoding.scoreColumns(declared.labels());
        String scores = tail.activated(tensor, decoding.activation(), "scores_active");
        if (decoding.background() != Background.NONE) {
            int from = decoding.background() == Background.FIRST ? 1 : 0;
            scores = tail.slice(scores, "scores_kept", 2, from, from + columns - 1);
        }
        if (objectness.isPresent()) {
            // One number is no choice between classes.
            boolean logit = decoding.activation() != Activation.NONE;
            String any =
                    tail.activated(
                            objectness.get(),
                            logit ? Activation.SIGMOID : Activation.NONE,
                            "object_active");
            scores = tail.add("Mul", List.of(scores, any), "scores_of_objects");
        }
        finish(counted(scores, false));
    }

    private void finish(String scores) {
        if (decoding.bestOnly()) {
            sparse(tail.largest(scores, "best_score", false), tail.place(scores, "best_class", 2));
        } else {
            tail.add("Identity", List.of(scores), List.of(prefix + "scores"));
            surface.put("scores", List.of(rows, declared.labels().size()));
        }
    }

    /** What stands behind the number of boxes that the graph counts is left from before. */
    private String counted(String scores, boolean flat) {
        if (!declared.outputs().containsKey("count")) {
            return scores;
        }
        List<Integer> shape = shapes.get(declared.outputs().get("count"));
        if (shape.stream().anyMatch(side -> side != 1)) {
            throw wrong("count", "must be one number for each image: how many boxes there are");
        }
        return tail.upTo(scores, declared.outputs().get("count"), rows, flat);
    }

    private void sparse(String score, String kind) {
        tail.add("Identity", List.of(score), List.of(prefix + "score"));
        tail.add("Identity", List.of(kind), List.of(prefix + "class"));
        surface.put("score", List.of(rows));
        surface.put("class", List.of(rows));
    }

    private BundleException wrong(String role, String remedy) {
        String output = declared.outputs().get(role);
        return declared.wrong("outputs." + role, output + " " + shapes.get(output), remedy);
    }
}
