package dev.millrace.bundle.graph;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorShapeProto.Dimension;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import dev.millrace.api.Normalization;
import dev.millrace.bundle.Declaration;
import dev.millrace.bundle.Nodes;
import dev.millrace.bundle.tail.CandidateTail;
import dev.millrace.bundle.tail.DetectorTail;
import dev.millrace.bundle.tail.SingleTail;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntToDoubleFunction;

/**
 * Puts preprocessing in front of a graph, so that it takes pixels: {@code uint8 [N, H, W, 3]} →
 * Cast → Transpose → Mul → Add → Cast → the original input, of which only what changes something is
 * there. {@code (v * scale - mean) / std} is folded into {@code v * (scale / std) + (-mean / std)},
 * computed in double precision. Where the graph takes one channel, a Conv of 1 x 1 with the weights
 * of luma times {@code scale / std} is in the place of Mul. Planes are normalized and not pixels: a
 * CPU applies one constant to a whole plane in a tenth of the time that three constants in turns
 * take.
 */
public final class Graft {
    /** Part of the hash: raise it when the graph that comes out changes. */
    static final int VERSION = 2;

    /** What ONNX Runtime loads; newer ones add types that no operator of its opsets takes. */
    private static final int MAX_IR = 11;

    /**
     * Red, green and blue in the luma of ITU-R BT.601, as Pillow, torchvision and OpenCV have it.
     */
    private static final double[] LUMA = {0.299, 0.587, 0.114};

    /** The name of the input that takes pixels. */
    public static final String INPUT = Nodes.PREFIX + "pixels";

    private final ModelGraph original;
    private final Declaration declared;
    private final ImageInput image;
    private final List<ValueInfoProto> outputs;

    Graft(ModelGraph original, Declaration declared) {
        this.original = original;
        this.declared = declared;
        this.image = original.imageInput(declared);
        this.outputs = original.declaredOutputs(declared);
    }

    /** The batch that the export has fixed; 0 where it is open. */
    long fixedBatch() {
        return image.fixedBatch();
    }

    /** The names of the outputs that have a role, in the order of the graph. */
    List<String> outputNames() {
        return outputs.stream().map(ValueInfoProto::getName).toList();
    }

    /**
     * The graph with its new front and with outputs of float32; outputs without a role are gone,
     * and the inputs beside the image have their values.
     */
    ModelProto front() {
        Nodes front = new Nodes();
        addPixels(front);
        List<ValueInfoProto> constants = original.constantInputs(declared);
        for (ValueInfoProto input : constants) {
            new ConstantInput(input, image.fixedBatch(), declared).addTo(front);
        }
        List<String> replaced = new ArrayList<>(List.of(image.name()));
        constants.forEach(input -> replaced.add(input.getName()));

        GraphProto.Builder graph = original.graph().toBuilder();
        graph.clearNode()
                .addAllNode(front.list())
                .addAllNode(original.graph().getNodeList())
                .clearInput()
                .addInput(pixels());
        for (ValueInfoProto input : original.graph().getInputList()) {
            if (!replaced.contains(input.getName())) {
                graph.addInput(input);
            }
        }
        graph.clearOutput().addAllOutput(outputs);
        OutputCasts.add(graph);
        Pruning.prune(graph);
        return original.model().toBuilder()
                .setIrVersion(Math.min(MAX_IR, original.model().getIrVersion()))
                .setGraph(graph)
                .build();
    }

    /** Each step but the last has a name of its own, and the last has that of the image input. */
    private void addPixels(Nodes front) {
        List<Step> steps = new ArrayList<>();
        boolean gray = image.channels() == 1;
        TensorProto.DataType type = TensorProto.DataType.UINT8;
        if (image.takesFloats() || gray) {
            type = TensorProto.DataType.FLOAT;
            steps.add(cast("float", type));
        }
        if (!image.channelsLast() || gray) {
            var order = Nodes.attribute("perm", List.of(0L, 3L, 1L, 2L));
            steps.add(new Step("Transpose", "planes", null, order));
        }
        steps.addAll(normalization());
        if (image.channelsLast() && gray) {
            var order = Nodes.attribute("perm", List.of(0L, 2L, 3L, 1L));
            steps.add(new Step("Transpose", "channel_last", null, order));
        }
        if (image.type() != TensorProto.DataType.FLOAT && image.type() != type) {
            steps.add(cast("typed", image.type()));
        }
        if (steps.isEmpty()) {
            steps.add(new Step("Identity", "as_they_are", null));
        }
        boolean pixels = image.channelsLast() && !gray;
        String values = INPUT;
        for (Step step : steps) {
            List<String> inputs = new ArrayList<>(List.of(values));
            if (step.by != null) {
                long count = step.by.length;
                List<Long> perChannel =
                        pixels ? List.of(1L, 1L, 1L, count) : List.of(1L, count, 1L, 1L);
                inputs.add(front.constant(step.output + "_by", perChannel, step.by));
            }
            boolean last = step == steps.getLast();
            String output = last ? image.name() : Nodes.PREFIX + step.output;
            values = front.add(step.operator, inputs, List.of(output), step.attributes);
        }
    }

    private static Step cast(String output, TensorProto.DataType type) {
        return new Step("Cast", output, null, Nodes.attribute("to", type.getNumber()));
    }

    /**
     * One node of the front.
     *
     * @param by a constant per channel; null where it takes none
     */
    private record Step(String operator, String output, float[] by, AttributeProto... attributes) {}

    /** What changes something. */
    private List<Step> normalization() {
        Normalization rule = declared.normalization();
        List<Step> steps = new ArrayList<>();
        if (image.channels() == 1) {
            double scale = rule.scale() / rule.std().getFirst();
            steps.add(new Step("Conv", "luma", channels(3, c -> LUMA[c] * scale)));
            // A cast to integers cuts off, and half a level more makes that round.
            double half = image.takesFloats() ? 0 : 0.5;
            double offset = half - rule.mean().getFirst() / rule.std().getFirst();
            add(steps, "Add", "normalized", 0, channels(1, c -> offset));
            return steps;
        }
        add(steps, "Mul", "scaled", 1, channels(3, c -> rule.scale() / rule.std().get(c)));
        add(
                steps,
                "Add",
                "normalized",
                0,
                channels(3, c -> -rule.mean().get(c) / rule.std().get(c)));
        return steps;
    }

    private static float[] channels(int count, IntToDoubleFunction channel) {
        float[] values = new float[count];
        for (int c = 0; c < count; c++) {
            values[c] = (float) channel.applyAsDouble(c);
        }
        return values;
    }

    private static void add(
            List<Step> steps, String operator, String output, float neutral, float[] by) {
        for (float value : by) {
            if (value != neutral) {
                steps.add(new Step(operator, output, by));
                return;
            }
        }
    }

    private ValueInfoProto pixels() {
        return Nodes.tensor(
                INPUT,
                TensorProto.DataType.UINT8_VALUE,
                batch(),
                List.of(declared.height(), declared.width(), 3));
    }

    /** The graph's own, so that what it computes from it still agrees. */
    private Dimension batch() {
        var shape = image.info().getType().getTensorType().getShape();
        if (image.fixedBatch() > 0) {
            return shape.getDim(0);
        }
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
        GraphProto.Builder graph = front.getGraph().toBuilder();
        Map<String, List<Integer>> surface = tail(graph, shapes);
        List<ValueInfoProto> infos = new ArrayList<>();
        surface.forEach(
                (name, shape) ->
                        infos.add(
                                Nodes.tensor(
                                        name, TensorProto.DataType.FLOAT_VALUE, batch(), shape)));
        graph.clearOutput().addAllOutput(infos);
        return front.toBuilder().setGraph(graph).build();
    }

    /**
     * Adds what stands behind the outputs; returns those of the whole by name, with their shapes.
     */
    private Map<String, List<Integer>> tail(
            GraphProto.Builder graph, Map<String, List<Integer>> shapes) {
        if (!declared.hasTail()) {
            return shapes;
        }
        return switch (declared.readyKind().orElseThrow()) {
            case DETECTOR -> detectorTail(graph, shapes);
            case CLASSIFIER, EMBEDDING, SEGMENTATION, TEXT -> {
                SingleTail tail = SingleTail.of(original.opset(), declared, shapes);
                graph.addAllNode(tail.nodes());
                yield named(Nodes.PREFIX, tail.surface());
            }
        };
    }

    private Map<String, List<Integer>> detectorTail(
            GraphProto.Builder graph, Map<String, List<Integer>> shapes) {
        Map<String, String> tensors = new LinkedHashMap<>();
        Map<String, List<Integer>> roles = new LinkedHashMap<>();
        String prefix = Nodes.PREFIX + (declared.candidates().isPresent() ? "all_" : "");
        if (declared.decoding().isPresent()) {
            DetectorTail tail = new DetectorTail(original.opset(), declared, shapes, prefix);
            graph.addAllNode(tail.nodes());
            roles.putAll(tail.surface());
            roles.keySet().forEach(role -> tensors.put(role, prefix + role));
        } else {
            for (String role : declared.graftedOutputs().keySet()) {
                tensors.put(role, declared.outputs().get(role));
                roles.put(role, shapes.get(tensors.get(role)));
            }
        }
        if (declared.candidates().isEmpty()) {
            return named(prefix, roles);
        }
        CandidateTail tail =
                new CandidateTail(
                        original.opset(), declared, declared.candidates().get(), tensors, roles);
        graph.addAllNode(tail.nodes());
        return named(Nodes.PREFIX, tail.surface());
    }

    private static Map<String, List<Integer>> named(
            String prefix, Map<String, List<Integer>> roles) {
        Map<String, List<Integer>> named = new LinkedHashMap<>();
        roles.forEach((role, shape) -> named.put(prefix + role, shape));
        return named;
    }
}
