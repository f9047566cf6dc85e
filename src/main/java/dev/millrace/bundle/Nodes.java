package dev.millrace.bundle;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import ai.onnx.proto.OnnxMl.TensorShapeProto.Dimension;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import java.util.ArrayList;
import java.util.List;

/**
 * A chain of nodes that Millrace adds to a graph. All its names begin with {@value #PREFIX}, which
 * no graph of a user has. Constants are nodes, not initializers: those would have to be inputs as
 * well in old IR versions.
 */
public final class Nodes {
    public static final String PREFIX = "millrace_";

    private final List<NodeProto> nodes = new ArrayList<>();

    public List<NodeProto> list() {
        return nodes;
    }

    /** Adds a node and returns the first of its outputs. */
    public String add(
            String operator,
            List<String> inputs,
            List<String> outputs,
            AttributeProto... attributes) {
        String name = PREFIX + "node_" + outputs.getFirst();
        nodes.add(node(operator, name, inputs, outputs, attributes));
        return outputs.getFirst();
    }

    public static NodeProto node(
            String operator,
            String name,
            List<String> inputs,
            List<String> outputs,
            AttributeProto... attributes) {
        return NodeProto.newBuilder()
                .setName(name)
                .setOpType(operator)
                .addAllInput(inputs)
                .addAllOutput(outputs)
                .addAllAttribute(List.of(attributes))
                .build();
    }

    /** Adds a node with one output of this name behind the prefix. */
    public String add(
            String operator, List<String> inputs, String output, AttributeProto... attributes) {
        return add(operator, inputs, List.of(PREFIX + output), attributes);
    }

    public String constant(String name, List<Long> shape, float[] values) {
        TensorProto.Builder tensor =
                TensorProto.newBuilder()
                        .setDataType(TensorProto.DataType.FLOAT_VALUE)
                        .addAllDims(shape);
        for (float value : values) {
            tensor.addFloatData(value);
        }
        return constant(name, tensor.build());
    }

    /** An {@code int64} vector. */
    public String constant(String name, long... values) {
        TensorProto.Builder tensor =
                TensorProto.newBuilder()
                        .setDataType(TensorProto.DataType.INT64_VALUE)
                        .addDims(values.length);
        for (long value : values) {
            tensor.addInt64Data(value);
        }
        return constant(name, tensor.build());
    }

    /**
     * A tensor of any type of numbers, under a name of the graph.
     *
     * @param input whose value it is, for messages
     */
    public String constant(
            String tensor, String input, List<Long> shape, DataType type, List<Double> values) {
        TensorProto.Builder value =
                TensorProto.newBuilder().setDataType(type.getNumber()).addAllDims(shape);
        for (double number : values) {
            switch (type) {
                case FLOAT -> value.addFloatData((float) number);
                case DOUBLE -> value.addDoubleData(number);
                case FLOAT16 -> value.addInt32Data(Float.floatToFloat16((float) number) & 0xffff);
                case INT32, BOOL, UINT8, INT8 -> value.addInt32Data((int) number);
                case INT64 -> value.addInt64Data((long) number);
                default ->
                        throw new BundleException(
                                "input.constants.%s: model.onnx takes values of type %s, which cannot be given; export it with float32 or int64"
                                        .formatted(input, type));
            }
        }
        return constant(List.of(tensor), value.build());
    }

    private String constant(String name, TensorProto value) {
        return constant(List.of(PREFIX + name), value);
    }

    private String constant(List<String> output, TensorProto value) {
        return add(
                "Constant",
                List.of(),
                output,
                AttributeProto.newBuilder()
                        .setName("value")
                        .setType(AttributeProto.AttributeType.TENSOR)
                        .setT(value)
                        .build());
    }

    public static AttributeProto attribute(String name, long value) {
        return AttributeProto.newBuilder()
                .setName(name)
                .setType(AttributeProto.AttributeType.INT)
                .setI(value)
                .build();
    }

    public static AttributeProto attribute(String name, List<Long> values) {
        return AttributeProto.newBuilder()
                .setName(name)
                .setType(AttributeProto.AttributeType.INTS)
                .addAllInts(values)
                .build();
    }

    /** A tensor of the graph's surface, with an open first dimension. */
    public static ValueInfoProto tensor(
            String name, int type, Dimension batch, List<Integer> shape) {
        ValueInfoProto.Builder info = ValueInfoProto.newBuilder().setName(name);
        var tensor = info.getTypeBuilder().getTensorTypeBuilder().setElemType(type);
        tensor.getShapeBuilder().addDim(batch);
        for (int dimension : shape) {
            tensor.getShapeBuilder().addDimBuilder().setDimValue(dimension);
        }
        return info.build();
    }
}
