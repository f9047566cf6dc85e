package dev.millrace.gpu;

import java.util.List;

/**
 * A tensor of a model.
 *
 * @param name as in the graph
 * @param shape of one row, without the batch dimension
 */
public record TensorSpec(String name, Type type, List<Integer> shape) {
    public TensorSpec {
        shape = List.copyOf(shape);
    }

    /** Element types that cross the seam. */
    public enum Type {
        UINT8(1),
        FLOAT32(4);

        private final int bytes;

        Type(int bytes) {
            this.bytes = bytes;
        }

        public int bytes() {
            return bytes;
        }
    }

    /** Bytes of one row. */
    public long rowBytes() {
        long elements = 1;
        for (int dimension : shape) {
            elements = Math.multiplyExact(elements, dimension);
        }
        return Math.multiplyExact(elements, type.bytes());
    }
}
