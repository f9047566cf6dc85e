package dev.millrace.bundle.tail;

import dev.millrace.bundle.Declaration;
import java.util.List;

/**
 * The cells that a detector's raw boxes are relative to: one row for each, of one grid after
 * another, row by row of the image.
 */
final class GridCells {
    private final Declaration declared;
    private final List<Integer> grid;
    private final int rows;

    /**
     * @param rows of the output
     */
    GridCells(Declaration declared, int rows) {
        this.declared = declared;
        this.grid = declared.decoding().orElseThrow().grid();
        this.rows = rows;
        int count = 0;
        for (int stride : grid) {
            count += (declared.width() / stride) * (declared.height() / stride);
        }
        if (count != rows) {
            throw declared.wrong(
                    "grid",
                    grid,
                    "has %,d cells on %s x %s pixels, and the model has %,d boxes; correct grid or input"
                            .formatted(count, declared.width(), declared.height(), rows));
        }
    }

    /** The side of each row's cell in pixels of the input. */
    float[] strides() {
        float[] strides = new float[rows];
        forEach((row, stride, x, y) -> strides[row] = stride);
        return strides;
    }

    /** The place of each row's cell in its grid, across or down. */
    float[] places(boolean across) {
        float[] places = new float[rows];
        forEach((row, stride, x, y) -> places[row] = across ? x : y);
        return places;
    }

    @FunctionalInterface
    private interface Cell {
        void at(int row, int stride, int x, int y);
    }

    private void forEach(Cell cell) {
        int row = 0;
        for (int stride : grid) {
            for (int y = 0; y < declared.height() / stride; y++) {
                for (int x = 0; x < declared.width() / stride; x++) {
                    cell.at(row++, stride, x, y);
                }
            }
        }
    }
}
