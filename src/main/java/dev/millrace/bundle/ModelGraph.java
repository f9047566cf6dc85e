package dev.millrace.bundle;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorShapeProto.Dimension;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.millrace.yaml.Suggestion;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/** A user's {@code model.onnx}, parsed and held against its {@code model.yaml}. */
final class ModelGraph {
    /** Where per-channel constants began to broadcast as in numpy. */
    private static final int MIN_OPSET = 7;

    private final Path file;
    private final ModelProto model;

    private ModelGraph(Path file, ModelProto model) {
        this.file = file;
        this.model = model;
    }

    static ModelGraph parse(Path file, byte[] bytes) {
        ModelProto model;
        try {
            model = ModelProto.parseFrom(bytes);
        } catch (InvalidProtocolBufferException e) {
            throw unreadable(file, bytes);
        }
        if (model.getGraph().getNodeCount() == 0) {
            throw unreadable(file, bytes);
        }
        ModelGraph graph = new ModelGraph(file, model);
        graph.checkSelfContained();
        return graph;
    }

    private static BundleException unreadable(Path file, byte[] bytes) {
        return BundleException.of(
                file,
                "model.onnx",
                bytes.length + " bytes",
                "are not an ONNX model; export the model again");
    }

    private void checkSelfContained() {
        if (opset() < MIN_OPSET) {
            throw wrong("opset", opset(), "is too old; convert it to opset 17");
        }
        for (TensorProto weights : graph().getInitializerList()) {
            if (weights.getDataLocation() == TensorProto.DataLocation.EXTERNAL) {
                throw wrong(
                        "weights",
                        weights.getName(),
                        "are stored in another file; save the model as one file");
            }
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

    /** The image input, checked: {@code float32 [N, 3, height, width]} with N left open. */
    ValueInfoProto imageInput(Declaration declared) {
        ValueInfoProto input = chosenInput(declared);
        TypeProto.Tensor type = input.getType().getTensorType();
        String key = "input '" + input.getName() + "'";
        String shape = shape(type);
        if (type.getElemType() != TensorProto.DataType.FLOAT_VALUE) {
            throw wrong(
                    key,
                    typeName(type),
                    "must be float32; export the model with a float32"
                            + " input (its weights may have another type)");
        }
        if (!type.hasShape()) {
            return input;
        }
        List<Dimension> dims = type.getShape().getDimList();
        if (dims.size() != 4 || !open(dims.get(1), 3)) {
            throw wrong(key, shape, "must be [N, 3, H, W]; export it with channels first");
        }
        if (dims.get(0).getDimValue() > 0) {
            throw wrong(key, shape, "has a fixed batch; export it with a dynamic first dimension");
        }
        checkSide(declared, "input.height", declared.height(), dims.get(2), shape);
        checkSide(declared, "input.width", declared.width(), dims.get(3), shape);
        return input;
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
        if (inputs.size() != 1) {
            throw wrong(
                    "inputs", names, "must be a single one, the image; make the others constants");
        }
        return inputs.getFirst();
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

    /** The outputs that have a role, in the order of the graph. */
    List<ValueInfoProto> declaredOutputs(Declaration declared) {
        List<String> names = graph().getOutputList().stream().map(ValueInfoProto::getName).toList();
        declared.outputs()
                .forEach(
                        (role, name) -> {
                            if (!names.contains(name)) {
                                throw declared.wrong(
                                        "outputs." + role, name, notAmong("output", name, names));
                            }
                        });
        List<ValueInfoProto> outputs =
                graph().getOutputList().stream()
                        .filter(output -> declared.outputs().containsValue(output.getName()))
                        .toList();
        for (ValueInfoProto output : outputs) {
            TypeProto.Tensor type = output.getType().getTensorType();
            if (type.getElemType() != TensorProto.DataType.FLOAT_VALUE) {
                throw wrong(
                        "output '" + output.getName() + "'",
                        typeName(type),
                        "must be float32; cast it in the export");
            }
        }
        return outputs;
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
