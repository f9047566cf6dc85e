package dev.millrace.bundle.tail;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import dev.millrace.bundle.Decoding.Activation;
import dev.millrace.bundle.Nodes;
import java.util.List;

/**
 * Nodes behind a graph, in the form that its opset wants. All tensors are float32 and begin with
 * the batch.
 */
final class TailNodes {
    /** Where Slice takes its bounds as inputs. */
    private static final int SLICE_INPUTS_OPSET = 10;

    /** Where ReduceMax takes its axes as an input. */
    private static final int REDUCE_AXES_INPUT_OPSET = 18;

    /** Where ReduceSum does, before the others. */
    private static final int SUM_AXES_INPUT_OPSET = 13;

    private final Nodes nodes = new Nodes();
    private final int opset;

    TailNodes(int opset) {
        this.opset = opset;
    }

    List<NodeProto> list() {
        return nodes.list();
    }

    String add(String operator, List<String> inputs, String output, AttributeProto... attributes) {
        return nodes.add(operator, inputs, output, attributes);
    }

    String add(
            String operator,
            List<String> inputs,
            List<String> outputs,
            AttributeProto... attributes) {
        return nodes.add(operator, inputs, outputs, attributes);
    }

    String constant(String name, List<Long> shape, float[] values) {
        return nodes.constant(name, shape, values);
    }

    String constant(String name, long... values) {
        return nodes.constant(name, values);
    }

    /** To these dimensions, of which 0 is that of the tensor. */
    String reshape(String tensor, String output, long... dimensions) {
        return add("Reshape", List.of(tensor, constant(output + "_shape", dimensions)), output);
    }

    /** The part of an axis from {@code from} to before {@code to}. */
    String slice(String tensor, String output, int axis, int from, int to) {
        if (opset < SLICE_INPUTS_OPSET) {
            return add(
                    "Slice",
                    List.of(tensor),
                    output,
                    Nodes.attribute("axes", List.of((long) axis)),
                    Nodes.attribute("starts", List.of((long) from)),
                    Nodes.attribute("ends", List.of((long) to)));
        }
        return add(
                "Slice",
                List.of(
                        tensor,
                        constant(output + "_from", from),
                        constant(output + "_to", to),
                        constant(output + "_axis", axis)),
                output);
    }

    /** Scores of logits; softmax over the last axis of {@code [N, K, C]} or {@code [N, C]}. */
    String activated(String tensor, Activation activation, String output) {
        return activated(tensor, activation, output, 2);
    }

    String activated(String tensor, Activation activation, String output, int axis) {
        return switch (activation) {
            case NONE -> tensor;
            case SIGMOID -> add("Sigmoid", List.of(tensor), output);
            case SOFTMAX -> add("Softmax", List.of(tensor), output, Nodes.attribute("axis", axis));
        };
    }

    /** {@code (v + cell) * stride} of {@code [N, K, 1]}. */
    String onGrid(String tensor, String name, float[] cells, float[] strides) {
        List<Long> rows = List.of(1L, (long) cells.length, 1L);
        String placed =
                add("Add", List.of(tensor, constant(name + "_cells", rows, cells)), name + "_cell");
        return add(
                "Mul",
                List.of(placed, constant(name + "_strides", rows, strides)),
                name + "_placed");
    }

    /** {@code exp(v) * stride} of {@code [N, K, 1]}. */
    String sizes(String tensor, String name, float[] strides) {
        List<Long> rows = List.of(1L, (long) strides.length, 1L);
        String grown = add("Exp", List.of(tensor), name + "_grown");
        return add(
                "Mul", List.of(grown, constant(name + "_strides", rows, strides)), name + "_sized");
    }

    String half(String tensor, String name) {
        String half = constant(name + "_by", List.of(1L, 1L, 1L), new float[] {0.5f});
        return add("Mul", List.of(tensor, half), name + "_half");
    }

    /** The largest of {@code [N, K, C]} along its last axis, without it or with a side of 1. */
    String largest(String tensor, String output, boolean keep) {
        var kept = Nodes.attribute("keepdims", keep ? 1 : 0);
        if (opset < REDUCE_AXES_INPUT_OPSET) {
            var axes = Nodes.attribute("axes", List.of(2L));
            return add("ReduceMax", List.of(tensor), output, axes, kept);
        }
        return add("ReduceMax", List.of(tensor, constant(output + "_axis", 2)), output, kept);
    }

    /** The mean of {@code [N, T, D]} over its second axis, {@code [N, D]}. */
    String mean(String tensor, String output) {
        var kept = Nodes.attribute("keepdims", 0);
        if (opset < REDUCE_AXES_INPUT_OPSET) {
            return add(
                    "ReduceMean",
                    List.of(tensor),
                    output,
                    Nodes.attribute("axes", List.of(1L)),
                    kept);
        }
        return add("ReduceMean", List.of(tensor, constant(output + "_axis", 1)), output, kept);
    }

    /** The sum of {@code [N, D]} over its last axis, {@code [N, 1]}. */
    String sum(String tensor, String output) {
        if (opset < SUM_AXES_INPUT_OPSET) {
            return add("ReduceSum", List.of(tensor), output, Nodes.attribute("axes", List.of(1L)));
        }
        return add("ReduceSum", List.of(tensor, constant(output + "_axis", 1)), output);
    }

    /** The place of the largest along an axis, which is gone then; the first of equals. */
    String place(String tensor, String output, int axis) {
        String place =
                add(
                        "ArgMax",
                        List.of(tensor),
                        output + "_place",
                        Nodes.attribute("axis", axis),
                        Nodes.attribute("keepdims", 0));
        return add("Cast", List.of(place), output, Nodes.attribute("to", DataType.FLOAT_VALUE));
    }

    /**
     * {@code [N, K]} or {@code [N, K, C]} with 0 in all rows from the count on.
     *
     * @param count one number for each image
     * @param flat whether there is no third axis
     */
    String upTo(String tensor, String count, int rows, boolean flat) {
        float[] places = new float[rows];
        for (int i = 0; i < rows; i++) {
            places[i] = i;
        }
        List<Long> shape = flat ? List.of(1L, (long) rows) : List.of(1L, (long) rows, 1L);
        String limit =
                flat ? reshape(count, "count_flat", -1, 1) : reshape(count, "count_flat", -1, 1, 1);
        String counted =
                add(
                        "Less",
                        List.of(constant("count_places", shape, places), limit),
                        "count_within");
        String mask =
                add(
                        "Cast",
                        List.of(counted),
                        "count_mask",
                        Nodes.attribute("to", DataType.FLOAT_VALUE));
        return add("Mul", List.of(tensor, mask), "scores_counted");
    }
}
