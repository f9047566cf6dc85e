package dev.millrace.modules;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import dev.millrace.bundle.Nodes;
import java.util.ArrayList;
import java.util.List;

/**
 * A detector with {@code boxes [N, K, 4]} in corners and {@code scores [N, K, C]}, given the
 * outputs of other families by the inverse of what those would need behind them.
 */
public final class Relaid {
    private final ModelProto.Builder model;
    private final GraphProto.Builder graph;
    private int count;

    public Relaid(ModelProto detector) {
        this.model = detector.toBuilder();
        this.graph = model.getGraphBuilder();
    }

    /** The model with these outputs alone. */
    public ModelProto with(String... outputs) {
        graph.clearOutput();
        for (String output : outputs) {
            graph.addOutputBuilder()
                    .setName(output)
                    .getTypeBuilder()
                    .getTensorTypeBuilder()
                    .setElemType(DataType.FLOAT_VALUE);
        }
        return model.build();
    }

    String node(String operator, List<String> inputs, AttributeProto... attributes) {
        String output = "relaid_" + count++;
        graph.addNode(Nodes.node(operator, output, inputs, List.of(output), attributes));
        return output;
    }

    public String named(String tensor, String name) {
        graph.addNode(Nodes.node("Identity", name, List.of(tensor), List.of(name)));
        return name;
    }

    String floats(List<Long> shape, float... values) {
        TensorProto.Builder tensor = tensor(DataType.FLOAT).addAllDims(shape);
        for (float value : values) {
            tensor.addFloatData(value);
        }
        graph.addInitializer(tensor);
        return tensor.getName();
    }

    String longs(long... values) {
        TensorProto.Builder tensor = tensor(DataType.INT64).addDims(values.length);
        for (long value : values) {
            tensor.addInt64Data(value);
        }
        graph.addInitializer(tensor);
        return tensor.getName();
    }

    private TensorProto.Builder tensor(DataType type) {
        return TensorProto.newBuilder().setName("relaid_" + count++).setDataType(type.getNumber());
    }

    private String scalar(double value) {
        return floats(List.of(1L), (float) value);
    }

    public String times(String tensor, double factor) {
        return node("Mul", List.of(tensor, scalar(factor)));
    }

    String plus(String tensor, double addend) {
        return node("Add", List.of(tensor, scalar(addend)));
    }

    public String concat(String... tensors) {
        return node("Concat", List.of(tensors), Nodes.attribute("axis", 2));
    }

    public String turned(String tensor) {
        return node("Transpose", List.of(tensor), Nodes.attribute("perm", List.of(0L, 2L, 1L)));
    }

    /** Columns {@code from} to before {@code to}. */
    String columns(String tensor, long from, long to) {
        return node("Slice", List.of(tensor, longs(from), longs(to), longs(2)));
    }

    /** {@code x1, y1, x2, y2}, each {@code [N, K, 1]}. */
    List<String> corners() {
        List<String> corners = new ArrayList<>();
        for (int edge = 0; edge < 4; edge++) {
            corners.add(columns("boxes", edge, edge + 1));
        }
        return corners;
    }

    /** {@code cx, cy, w, h}, each {@code [N, K, 1]}. */
    public List<String> centres() {
        List<String> corners = corners();
        String width = node("Sub", List.of(corners.get(2), corners.get(0)));
        String height = node("Sub", List.of(corners.get(3), corners.get(1)));
        String x = times(node("Add", List.of(corners.get(2), corners.get(0))), 0.5);
        String y = times(node("Add", List.of(corners.get(3), corners.get(1))), 0.5);
        return List.of(x, y, width, height);
    }

    /** {@code log(p / (1 - p))}. */
    public String logits(String scores) {
        String least = scalar(1e-6);
        String within = node("Min", List.of(node("Max", List.of(scores, least)), scalar(1 - 1e-6)));
        String rest = node("Sub", List.of(scalar(1), within));
        return node("Log", List.of(node("Div", List.of(within, rest))));
    }

    /** The best score and the class that has it, each {@code [N, K, 1]}. */
    List<String> best() {
        String score = node("ReduceMax", List.of("scores"), Nodes.attribute("axes", List.of(2L)));
        String place = node("ArgMax", List.of("scores"), Nodes.attribute("axis", 2));
        return List.of(
                score, node("Cast", List.of(place), Nodes.attribute("to", DataType.FLOAT_VALUE)));
    }

    /** Like {@code [N, K, 1]}, of one value. */
    String column(String like, double value) {
        return plus(times(like, 0), value);
    }
}
