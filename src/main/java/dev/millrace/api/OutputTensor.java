package dev.millrace.api;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;

/**
 * One output of the model for one image: {@code float32}, row-major, without the batch dimension.
 *
 * @param name as in the ONNX graph
 * @param shape without the batch dimension; empty for one value per image
 * @param data the values, valid only during {@link VisionModule#postprocess}
 */
public record OutputTensor(String name, List<Integer> shape, MemorySegment data) {
    public OutputTensor {
        shape = List.copyOf(shape);
    }

    /** The number of values. */
    public int length() {
        return (int) (data.byteSize() / Float.BYTES);
    }

    /** The value at {@code index} in row-major order. */
    public float get(int index) {
        return data.getAtIndex(ValueLayout.JAVA_FLOAT, index);
    }
}
