package dev.millrace.preprocess;

import dev.millrace.api.ResizeFilter;

/**
 * A filter along one axis: which source samples make up each target sample, and with which weights.
 * Where the image shrinks the triangle is as wide as two target samples, and the cubic filter as
 * four, so that every source sample counts; where it grows this is interpolation with half-pixel
 * centres. The same filters as Pillow's {@code BILINEAR} and {@code BICUBIC}.
 *
 * @param first the first source sample of each target sample
 * @param count how many source samples follow, the first included
 * @param weights of each target sample from {@code stride * i} on; they add up to {@code one}
 */
record AxisFilter(int[] first, int[] count, int[] weights, int stride) {

    /** Of the cubic filter, where Pillow has it; OpenCV's and PyTorch's tensors have -0.75. */
    private static final double A = -0.5;

    /**
     * @param source samples of the image
     * @param target samples that the whole image is resized to
     * @param from the first target sample that is wanted
     * @param wanted how many are, from there
     * @param one what the weights of a target sample add up to
     */
    static AxisFilter of(
            ResizeFilter shape, int source, int target, int from, int wanted, int one) {
        double scale = (double) source / target;
        double support = (shape == ResizeFilter.BICUBIC ? 2 : 1) * Math.max(1, scale);
        double inverse = 1 / Math.max(1, scale);
        int stride = 2 * (int) Math.ceil(support) + 1;
        AxisFilter filter =
                new AxisFilter(new int[wanted], new int[wanted], new int[wanted * stride], stride);
        double[] raw = new double[stride];
        for (int i = 0; i < wanted; i++) {
            double center = (from + i + 0.5) * scale;
            int first = Math.max(0, (int) (center - support + 0.5));
            int count = Math.min(source, (int) (center + support + 0.5)) - first;
            double sum = 0;
            for (int k = 0; k < count; k++) {
                raw[k] = raw(shape, Math.abs(first + k - center + 0.5) * inverse);
                sum += raw[k];
            }
            filter.first[i] = first;
            filter.count[i] = count;
            round(raw, count, one / sum, filter.weights, i * stride);
        }
        return filter;
    }

    private static double raw(ResizeFilter shape, double distance) {
        if (shape == ResizeFilter.BILINEAR) {
            return Math.max(0, 1 - distance);
        }
        return distance < 1
                ? ((A + 2) * distance - (A + 3)) * distance * distance + 1
                : distance < 2 ? (((distance - 5) * distance + 8) * distance - 4) * A : 0;
    }

    /**
     * Rounds the running sum, not each weight: the weights then add up exactly, and where they are
     * smaller than one unit they are spread evenly instead of vanishing.
     */
    private static void round(double[] raw, int count, double factor, int[] weights, int at) {
        double sum = 0;
        long rounded = 0;
        for (int k = 0; k < count; k++) {
            sum += raw[k] * factor;
            long next = Math.round(sum);
            weights[at + k] = (int) (next - rounded);
            rounded = next;
        }
    }
}
