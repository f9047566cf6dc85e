package dev.millrace.bundle;

import java.util.List;

/**
 * How the numbers of a model's outputs are meant, as {@code model.yaml} says it.
 *
 * @param columns of the role {@code detections}, or of {@code boxes}
 * @param units of the coordinates
 * @param activation that the scores still lack
 * @param background a class that is none, among the scores
 * @param grid strides of the cells that coordinates are relative to; empty where they are not
 * @param bestOnly whether a box has one label, that of its best class
 */
public record Decoding(
        List<Column> columns,
        Units units,
        Activation activation,
        Background background,
        List<Integer> grid,
        boolean bestOnly) {
    static final List<Column> CORNERS = List.of(Column.X1, Column.Y1, Column.X2, Column.Y2);

    /** What coordinates count. */
    public enum Units {
        PIXELS,
        FRACTION
    }

    /** The function that makes scores of logits. */
    public enum Activation {
        NONE,
        SIGMOID,
        SOFTMAX
    }

    /** Where the scores have a class that stands for nothing. */
    public enum Background {
        NONE,
        FIRST,
        LAST
    }

    public Decoding {
        columns = List.copyOf(columns);
        grid = List.copyOf(grid);
    }

    /** Of scores that only lack this. */
    static Decoding of(Activation activation) {
        return new Decoding(CORNERS, Units.PIXELS, activation, Background.NONE, List.of(), false);
    }

    /**
     * Columns of the scores.
     *
     * @param labels of the classes
     */
    public int scoreColumns(List<String> labels) {
        return labels.size() + (background == Background.NONE ? 0 : 1);
    }
}
