package dev.millrace.modules;

import dev.millrace.api.OutputTensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Connected components of the pixels above a threshold, with all eight neighbours. One pass over
 * the rows: each is cut into runs, and a run joins the runs of the row above that it touches (union
 * find). Memory grows with the runs, not with the map.
 */
final class Regions {
    private final OutputTensor map;
    private final int width;
    private final float threshold;

    private int[] parent = new int[64];
    private int[] start = new int[64];
    private int[] end = new int[64];
    private int[] row = new int[64];
    private double[] sum = new double[64];
    private int runs;

    /**
     * @param map {@code [height, width]}, or with a 1 in front
     */
    Regions(OutputTensor map, int width, float threshold) {
        this.map = map;
        this.width = width;
        this.threshold = threshold;
    }

    /**
     * One component.
     *
     * @param right behind its last column
     * @param bottom behind its last row
     * @param sum of its values
     */
    record Region(int left, int top, int right, int bottom, long pixels, double sum) {
        int width() {
            return right - left;
        }

        int height() {
            return bottom - top;
        }

        double mean() {
            return sum / pixels;
        }

        private Region join(Region other) {
            return new Region(
                    Math.min(left, other.left),
                    Math.min(top, other.top),
                    Math.max(right, other.right),
                    Math.max(bottom, other.bottom),
                    pixels + other.pixels,
                    sum + other.sum);
        }
    }

    /** The components within a part of the map, {@code right} and {@code bottom} excluded. */
    List<Region> find(int left, int top, int right, int bottom) {
        float[] values = new float[Math.max(0, right - left)];
        int above = 0;
        for (int y = top; y < bottom; y++) {
            int current = runs;
            long offset = ((long) y * width + left) * Float.BYTES;
            MemorySegment.copy(
                    map.data(), ValueLayout.JAVA_FLOAT, offset, values, 0, values.length);
            cut(values, y, left);
            join(above, current);
            above = current;
        }
        return collect();
    }

    /** Adds the runs of one row. */
    private void cut(float[] values, int y, int left) {
        int x = 0;
        while (x < values.length) {
            if (values[x] <= threshold) {
                x++;
                continue;
            }
            int from = x;
            double total = 0;
            // NaN is in a run and makes its sum NaN, so that it does not pass as "no text".
            while (x < values.length && !(values[x] <= threshold)) {
                total += values[x++];
            }
            if (!Double.isFinite(total)) {
                throw new IllegalStateException(
                        "the model's output '" + map.name() + "' holds " + total + " in row " + y);
            }
            add(y, left + from, left + x, total);
        }
    }

    private void add(int y, int from, int to, double total) {
        if (runs == parent.length) {
            parent = Arrays.copyOf(parent, 2 * runs);
            start = Arrays.copyOf(start, 2 * runs);
            end = Arrays.copyOf(end, 2 * runs);
            row = Arrays.copyOf(row, 2 * runs);
            sum = Arrays.copyOf(sum, 2 * runs);
        }
        parent[runs] = runs;
        start[runs] = from;
        end[runs] = to;
        row[runs] = y;
        sum[runs] = total;
        runs++;
    }

    /** Joins the runs from {@code current} on with those of the row above that they touch. */
    private void join(int above, int current) {
        int upper = above;
        int lower = current;
        while (upper < current && lower < runs) {
            // Touching at a corner counts, hence no +1 on the exclusive ends.
            if (start[upper] <= end[lower] && start[lower] <= end[upper]) {
                unite(upper, lower);
            }
            if (end[upper] < end[lower]) {
                upper++;
            } else {
                lower++;
            }
        }
    }

    private void unite(int a, int b) {
        int rootA = root(a);
        int rootB = root(b);
        // The earlier run stays the root, so a region appears where its first row does.
        parent[Math.max(rootA, rootB)] = Math.min(rootA, rootB);
    }

    private int root(int run) {
        int root = run;
        while (parent[root] != root) {
            parent[root] = parent[parent[root]];
            root = parent[root];
        }
        return root;
    }

    private List<Region> collect() {
        Region[] regions = new Region[runs];
        for (int run = 0; run < runs; run++) {
            int root = root(run);
            Region piece =
                    new Region(
                            start[run],
                            row[run],
                            end[run],
                            row[run] + 1,
                            end[run] - start[run],
                            sum[run]);
            regions[root] = regions[root] == null ? piece : regions[root].join(piece);
        }
        List<Region> found = new ArrayList<>();
        for (Region region : regions) {
            if (region != null) {
                found.add(region);
            }
        }
        return found;
    }
}
