package dev.millrace.bundle.plan;

import ai.onnx.proto.OnnxMl.TensorProto;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.Comparator;

/**
 * Rounds constants to FP16. Within a convolution's kernel, what one weight loses the next one gets,
 * from the largest to the smallest, so that the sum of the kernel stays: filters that look for
 * edges have large weights which cancel on even ground, and rounding each for itself would leave
 * them with an answer there.
 */
final class Fp16Weights {
    private Fp16Weights() {}

    /** The FP16 values, as bits. */
    static short[] round(TensorProto constant) {
        FloatBuffer values = TypedTensors.floats(constant);
        short[] rounded = new short[values.remaining()];
        int kernel = kernel(constant);
        for (int from = 0; from < rounded.length; from += kernel) {
            round(values, rounded, from, kernel);
        }
        return rounded;
    }

    /** Values of one kernel: {@code [out, in, height, width]} has one for each pair of channels. */
    private static int kernel(TensorProto constant) {
        return constant.getDimsCount() == 4
                ? Math.toIntExact(constant.getDims(2) * constant.getDims(3))
                : 1;
    }

    private static void round(FloatBuffer values, short[] rounded, int from, int count) {
        Integer[] order = new Integer[count];
        Arrays.setAll(order, i -> from + i);
        if (count > 1) {
            Arrays.sort(order, Comparator.comparing(i -> -Math.abs(values.get(i))));
        }
        double lost = 0;
        for (int i : order) {
            double wanted = values.get(i) + lost;
            rounded[i] = Float.floatToFloat16((float) wanted);
            lost = wanted - Float.float16ToFloat(rounded[i]);
        }
    }
}
