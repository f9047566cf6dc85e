package dev.millrace.bundle.graph;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a graph gave for one of its outputs.
 *
 * @param shape with the batch
 */
record ProbedOutput(long[] shape, float[] values) {
    /** Of the largest value: sums in another order, and quantized steps that fall otherwise. */
    private static final double TOLERANCE = 1e-2;

    /** Of the largest value: what is less is rounding. */
    private static final double ROUNDING = 1e-5;

    long rows() {
        return shape.length == 0 ? 0 : shape[0];
    }

    ProbedOutput row(int row) {
        int length = values.length / (int) shape[0];
        float[] part = new float[length];
        System.arraycopy(values, row * length, part, 0, length);
        long[] one = shape.clone();
        one[0] = 1;
        return new ProbedOutput(one, part);
    }

    /** The first output of which a row in the batch is not as it is alone. */
    static Optional<String> different(
            Map<String, ProbedOutput> both, List<Map<String, ProbedOutput>> alone) {
        return both.keySet().stream()
                .filter(name -> both.get(name).isDifferent(name, alone))
                .findFirst();
    }

    /** And it must be nearer to its own image's than to half the way to the other's. */
    private boolean isDifferent(String name, List<Map<String, ProbedOutput>> alone) {
        double apart = distance(alone.get(0).get(name).values(), alone.get(1).get(name).values());
        for (int i = 0; i < alone.size(); i++) {
            float[] own = alone.get(i).get(name).values();
            double off = distance(row(i).values(), own);
            double largest = largest(own);
            if (off > TOLERANCE * largest || off > apart / 2 && off > ROUNDING * largest) {
                return true;
            }
        }
        return false;
    }

    private static double distance(float[] a, float[] b) {
        if (a.length != b.length) {
            return Double.POSITIVE_INFINITY;
        }
        double most = 0;
        for (int i = 0; i < a.length; i++) {
            if (Float.compare(a[i], b[i]) != 0) {
                double off = Math.abs((double) a[i] - b[i]);
                most = Math.max(most, Double.isNaN(off) ? Double.POSITIVE_INFINITY : off);
            }
        }
        return most;
    }

    private static double largest(float[] values) {
        double most = 0;
        for (float value : values) {
            most = Math.max(most, Float.isFinite(value) ? Math.abs(value) : 0);
        }
        return most;
    }
}
