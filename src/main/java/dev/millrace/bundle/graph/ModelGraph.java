package dev.millrace.bundle.graph;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorShapeProto.Dimension;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import dev.millrace.api.ColorOrder;
import dev.millrace.bundle.BundleException;
import dev.millrace.bundle.Declaration;
import dev.millrace.bundle.Nodes;
import dev.millrace.yaml.Suggestion;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/** A user's {@code model.onnx}, parsed and held against its {@code model.yaml}. */
final class ModelGraph {
    /** Where per-channel constants began to broadcast as in numpy. */
    private static final int MIN_OPSET = 7;

    private static final Set<TensorProto.DataType> PIXELS =
            EnumSet.of(
                    TensorProto.DataType.FLOAT,
                    TensorProto.DataType.FLOAT16,
                    TensorProto.DataType.BFLOAT16,
                    TensorProto.DataType.DOUBLE,
                    TensorProto.DataType.UINT8,
                    TensorProto.DataType.INT32,
                    TensorProto.DataType.INT64);

    /** What a Cast makes floats of. */
    private static final Set<TensorProto.DataType> NUMBERS =
            EnumSet.of(
                    TensorProto.DataType.FLOAT,
                    TensorProto.DataType.FLOAT16,
                    TensorProto.DataType.BFLOAT16,
                    TensorProto.DataType.DOUBLE,
                    TensorProto.DataType.UINT8,
                    TensorProto.DataType.INT8,
                    TensorProto.DataType.INT32,
                    TensorProto.DataType.INT64,
                    TensorProto.DataType.BOOL);

    private final Path file;
    private final ModelProto model;

    private ModelGraph(Path file, ModelProto model) {
        this.file = file;
        this.model = model;
    }

    static ModelGraph of(ModelFile file) {
        ModelGraph graph = new ModelGraph(file.path(), file.whole());
        graph.check();
        return graph;
    }

    /** The same graph, changed. */
    ModelGraph with(ModelProto changed) {
        return new ModelGraph(file, changed);
    }

    private void check() {
        if (opset() < MIN_OPSET) {
            throw wrong("opset", opset(), "is too old; convert it to opset 17");
        }
        for (NodeProto node : graph().getNodeList()) {
            for (String name : node.getOutputList()) {
                if (name.startsWith(Nodes.PREFIX)) {
                    throw wrong(
                            "tensor",
                            name,
                            "was added by Millrace; give the model as it was exported");
                }
            }
        }
    }

    ModelProto model() {
        return model;
    }

    GraphProto graph() {
        return model.getGraph();
    }

    /** The version of ONNX's own operators. */
    int opset() {
        for (OperatorSetIdProto set : model.getOpsetImportList()) {
            if (set.getDomain().isEmpty() || set.getDomain().equals("ai.onnx")) {
                return (int) set.getVersion();
            }
        }
        return 1;
    }

    /** The image input, checked: its channels, first or last, and sides as declared. */
    ImageInput imageInput(Declaration declared) {
        ValueInfoProto input = chosenInput(declared);
        TypeProto.Tensor type = input.getType().getTensorType();
        String key = "input '" + input.getName() + "'";
        String shape = shape(type);
        TensorProto.DataType known = TensorProto.DataType.forNumber(type.getElemType());
        if (known == null || !PIXELS.contains(known)) {
            throw wrong(
                    key,
                    typeName(type),
                    "is no type of pixels; export the model with an input of float32, float16 or"
                            + " uint8");
        }
        List<Dimension> dims = type.getShape().getDimList();
        if (type.hasShape() && dims.size() != 4) {
            throw wrong(key, shape, "must be [N, 3, H, W] or [N, H, W, 3]; export it so");
        }
        int channels = declared.colorOrder().channels();
        boolean last = dims.size() == 4 && !open(dims.get(1), channels);
        if (dims.size() == 4) {
            if (last && dims.get(3).getDimValue() != channels) {
                checkColor(declared, dims, shape);
                throw wrong(
                        key,
                        shape,
                        "must be [N, 3, H, W] or [N, H, W, 3], for images of three channels, or"
                                + " have one channel; export it so");
            }
            int row = last ? 1 : 2;
            checkSide(declared, "input.height", declared.height(), dims.get(row), shape);
            checkSide(declared, "input.width", declared.width(), dims.get(row + 1), shape);
        }
        ImageInput image = new ImageInput(input, last, channels, known);
        if (!image.takesFloats() && declared.normalizes()) {
            throw declared.wrong(
                    "normalize",
                    "of " + typeName(type) + " values",
                    "would lose what is behind the point: model.onnx takes pixels as they are and"
                            + " normalizes them itself; write normalize: {}");
        }
        return image;
    }

    /** Throws where the graph's channels would go with another colour. */
    private static void checkColor(Declaration declared, List<Dimension> dims, String shape) {
        int other = declared.colorOrder() == ColorOrder.GRAY ? 3 : 1;
        if (dims.get(1).getDimValue() == other || dims.get(3).getDimValue() == other) {
            throw declared.wrong(
                    "color",
                    declared.colorOrder(),
                    "is not what model.onnx takes, %s; write %s"
                            .formatted(shape, other == 1 ? "GRAY" : "RGB or BGR"));
        }
    }

    private void checkSide(
            Declaration declared, String key, int side, Dimension dimension, String shape) {
        if (!open(dimension, side)) {
            throw declared.wrong(
                    key,
                    side,
                    "is not what model.onnx takes, %s; set it to %s"
                            .formatted(shape, dimension.getDimValue()));
        }
    }

    private ValueInfoProto chosenInput(Declaration declared) {
        List<ValueInfoProto> inputs = inputs();
        List<String> names = inputs.stream().map(ValueInfoProto::getName).toList();
        String named = declared.inputName().orElse(null);
        if (named != null && !names.contains(named)) {
            throw declared.wrong("input.name", named, notAmong("input", named, names));
        }
        for (String constant : declared.constants().keySet()) {
            if (!names.contains(constant)) {
                throw declared.wrong(
                        "input.constants." + constant,
                        constant,
                        notAmong("input", constant, names));
            }
        }
        List<ValueInfoProto> images =
                inputs.stream()
                        .filter(input -> !declared.constants().containsKey(input.getName()))
                        .filter(input -> named == null || named.equals(input.getName()))
                        .toList();
        List<String> open = new ArrayList<>(names);
        open.removeAll(declared.constants().keySet());
        if (images.size() != 1 || open.size() != 1) {
            String other =
                    inputs.stream()
                            .filter(it -> it.getType().getTensorType().getShape().getDimCount() < 4)
                            .map(ValueInfoProto::getName)
                            .findFirst()
                            .orElse("size");
            throw wrong(
                    "inputs",
                    names,
                    "must be a single one, the image; give each other its value as input.constants in model.yaml, such as {%s: [640, 640]}"
                            .formatted(other));
        }
        return images.getFirst();
    }

    /** The inputs beside the image, which {@code model.yaml} gives values for. */
    List<ValueInfoProto> constantInputs(Declaration declared) {
        return inputs().stream()
                .filter(input -> declared.constants().containsKey(input.getName()))
                .toList();
    }

    /** Before IR version 4, weights stand among the inputs too. */
    private List<ValueInfoProto> inputs() {
        Set<String> weights =
                graph().getInitializerList().stream()
                        .map(TensorProto::getName)
                        .collect(Collectors.toSet());
        return graph().getInputList().stream()
                .filter(input -> !weights.contains(input.getName()))
                .toList();
    }

    /**
     * The outputs that have a role, in the order of the graph, and behind them the tensors inside
     * it that have one, of which the graph need not say the type.
     */
    List<ValueInfoProto> declaredOutputs(Declaration declared) {
        List<String> names = graph().getOutputList().stream().map(ValueInfoProto::getName).toList();
        List<ValueInfoProto> outputs =
                new ArrayList<>(
                        graph().getOutputList().stream()
                                .filter(it -> declared.outputs().containsValue(it.getName()))
                                .toList());
        declared.outputs()
                .forEach(
                        (role, name) -> {
                            if (!names.contains(name)) {
                                outputs.add(inner(declared, role, name, names));
                            }
                        });
        for (ValueInfoProto output : outputs) {
            TypeProto.Tensor type = output.getType().getTensorType();
            TensorProto.DataType known = TensorProto.DataType.forNumber(type.getElemType());
            boolean typed = output.getType().hasTensorType();
            if (typed && (known == null || !NUMBERS.contains(known))) {
                throw wrong(
                        "output '" + output.getName() + "'",
                        typeName(type),
                        "is no type of numbers; cast it to float32 in the export");
            }
        }
        return outputs;
    }

    private ValueInfoProto inner(
            Declaration declared, String role, String name, List<String> outputs) {
        boolean computed =
                graph().getNodeList().stream()
                        .anyMatch(node -> node.getOutputList().contains(name));
        if (!computed) {
            throw declared.wrong("outputs." + role, name, notAmong("output", name, outputs));
        }
        return graph().getValueInfoList().stream()
                .filter(info -> info.getName().equals(name))
                .findFirst()
                .orElse(ValueInfoProto.newBuilder().setName(name).build());
    }

    private static String notAmong(String what, String name, List<String> names) {
        return "is not an %s of model.onnx, which has %s%s"
                .formatted(what, String.join(", ", names), Suggestion.hint(name, names));
    }

    BundleException wrong(String key, Object value, String remedy) {
        return BundleException.of(file, key, value, remedy);
    }

    private static boolean open(Dimension dimension, int value) {
        return dimension.getDimValue() <= 0 || dimension.getDimValue() == value;
    }

    private static String typeName(TypeProto.Tensor type) {
        TensorProto.DataType known = TensorProto.DataType.forNumber(type.getElemType());
        return known == null ? "type " + type.getElemType() : known.name().toLowerCase(Locale.ROOT);
    }

    private static String shape(TypeProto.Tensor type) {
        return type.getShape().getDimList().stream()
                .map(dim -> dim.hasDimParam() ? dim.getDimParam() : "" + dim.getDimValue())
                .collect(Collectors.joining(", ", "[", "]"));
    }
}
