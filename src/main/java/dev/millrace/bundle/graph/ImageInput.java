package dev.millrace.bundle.graph;

import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import ai.onnx.proto.OnnxMl.TensorShapeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;

/**
 * The graph's input for the image: {@code [N, 3, H, W]}, or {@code [N, H, W, 3]} where channels are
 * last; with a 1 for the 3 where it takes luma.
 *
 * @param type of its values; an integer type takes pixels as they are
 */
record ImageInput(ValueInfoProto info, boolean channelsLast, int channels, DataType type) {
    String name() {
        return info.getName();
    }

    boolean takesFloats() {
        return switch (type) {
            case FLOAT, FLOAT16, BFLOAT16, DOUBLE -> true;
            default -> false;
        };
    }

    /** The batch that the export has fixed; 0 where it is open. */
    long fixedBatch() {
        TensorShapeProto shape = info.getType().getTensorType().getShape();
        return shape.getDimCount() > 0 ? Math.max(0, shape.getDim(0).getDimValue()) : 0;
    }
}
