package dev.millrace.bundle;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorShapeProto.Dimension;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import dev.millrace.api.Normalization;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntToDoubleFunction;

/**
 * Puts preprocessing in front of a graph, so that it takes pixels: {@code uint8 [N, H, W, 3]} →
 * Cast → Transpose → Mul → Add → the original input. {@code (v * scale - mean) / std} is folded
 * into {@code v * (scale / std) + (-mean / std)}, computed in double precision. Planes are
 * normalized and not pixels: a CPU applies one constant to a whole plane in a tenth of the time
 * that three constants in turns take.
 */
public final class Graft {
    /** Part of the hash: raise it when the graph that comes out changes. */
    static final int VERSION = 2;

    /** The name of the input that takes pixels. */
    public static final String INPUT = Nodes.PREFIX + "pixels";

    private final ModelGraph original;
    private final Declaration declared;
    private final ValueInfoProto imageInput;
    private final List<ValueInfoProto> outputs;

    Graft(ModelGraph original, Declaration declared) {
        this.original = original;
        this.declared = declared;
        this.imageInput = original.imageInput(declared);
        this.outputs = original.declaredOutputs(declared);
    }

    /** The names of the outputs that have a role, in the order of the graph. */
    List<String> outputNames() {
        return outputs.stream().map(ValueInfoProto::getName).toList();
    }

    /** The graph with its new front; outputs without a role are gone. */
    ModelProto front() {
        Nodes front = new Nodes();
        String floats =
                front.add(
                        "Cast",
                        List.of(INPUT),
                        "float",
                        Nodes.attribute("to", TensorProto.DataType.FLOAT_VALUE));
        List<Affine> steps = normalization();
        String values =
                front.add(
                        "Transpose",
                        List.of(floats),
                        List.of(steps.isEmpty() ? imageInput.getName() : Nodes.PREFIX + "planes"),
                        Nodes.attribute("perm", List.of(0L, 3L, 1L, 2L)));
        for (Affine step : steps) {
            boolean last = step == steps.getLast();
            String output = last ? imageInput.getName() : Nodes.PREFIX + step.output;
            String constant = front.constant(step.output + "_by", List.of(1L, 3L, 1L, 1L), step.by);
            values = front.add(step.operator, List.of(values, constant), List.of(output));
        }

        GraphProto.Builder graph = original.graph().toBuilder();
        graph.clearNode()
                .addAllNode(front.list())
                .addAllNode(original.graph().getNodeList())
                .clearInput()
                .addInput(pixels());
        for (ValueInfoProto input : original.graph().getInputList()) {
            if (!input.getName().equals(imageInput.getName())) {
                graph.addInput(input);
            }
        }
        graph.clearOutput().addAllOutput(outputs);
        return original.model().toBuilder().setGraph(graph).build();
    }

    /** An operator with a constant per channel. */
    private record Affine(String operator, String output, float[] by) {}

    /** What changes something. */
    private List<Affine> normalization() {
        Normalization rule = declared.normalization();
        List<Affine> steps = new ArrayList<>();
        add(steps, "Mul", "scaled", 1, c -> rule.scale() / rule.std().get(c));
        add(steps, "Add", "normalized", 0, c -> -rule.mean().get(c) / rule.std().get(c));
        return steps;
    }

    private static void add(
            List<Affine> steps,
            String operator,
            String output,
            float neutral,
            IntToDoubleFunction channel) {
        float[] by = new float[3];
        boolean changes = false;
        for (int c = 0; c < by.length; c++) {
            by[c] = (float) channel.applyAsDouble(c);
            changes |= by[c] != neutral;
        }
        if (changes) {
            steps.add(new Affine(operator, output, by));
        }
    }

    private ValueInfoProto pixels() {
        return Nodes.tensor(
                INPUT,
                TensorProto.DataType.UINT8_VALUE,
                batch(),
                List.of(declared.height(), declared.width(), 3));
    }

    /** The graph's own name for it, so that what it computes from it still agrees. */
    private Dimension batch() {
        var shape = imageInput.getType().getTensorType().getShape();
        String name = shape.getDimCount() > 0 ? shape.getDim(0).getDimParam() : "";
        return Dimension.newBuilder()
                .setDimParam(name.isEmpty() ? Nodes.PREFIX + "batch" : name)
                .build();
    }

    /**
     * The whole graft.
     *
     * @param front what {@link #front} returned
     * @param shapes of its outputs by name, without the batch dimension
     */
    ModelProto complete(ModelProto front, Map<String, List<Integer>> shapes) {
        Map<String, List<Integer>> surface = new LinkedHashMap<>(shapes);
        GraphProto.Builder graph = front.getGraph().toBuilder();
        declared.candidates()
                .ifPresent(
                        count -> {
                            CandidateTail tail =
                                    new CandidateTail(original, declared, count, shapes);
                            graph.addAllNode(tail.nodes());
                            surface.clear();
                            surface.putAll(tail.outputs(outputNames()));
                        });
        List<ValueInfoProto> infos = new ArrayList<>();
        surface.forEach(
                (name, shape) ->
                        infos.add(
                                Nodes.tensor(
                                        name, TensorProto.DataType.FLOAT_VALUE, batch(), shape)));
        graph.clearOutput().addAllOutput(infos);
        return front.toBuilder().setGraph(graph).build();
    }
}
