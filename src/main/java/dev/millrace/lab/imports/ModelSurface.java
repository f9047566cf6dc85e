package dev.millrace.lab.imports;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import com.google.protobuf.CodedInputStream;
import dev.millrace.config.ConfigException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** What an ONNX file says of itself: inputs, outputs and metadata. */
final class ModelSurface {
    private final ModelProto model;
    private final Map<String, String> metadata = new HashMap<>();

    /** A tensor of the graph's surface; a dimension of 0 is open. */
    record Tensor(String name, List<Long> shape) {
        Tensor {
            shape = List.copyOf(shape);
        }

        /** The sides behind the batch, without those of 1. */
        List<Long> sides() {
            return shape.stream().skip(1).filter(side -> side != 1).toList();
        }

        /** The shape as people write it. */
        String form() {
            List<String> sides = new ArrayList<>();
            for (long side : shape) {
                sides.add(side > 0 ? "" + side : sides.isEmpty() ? "N" : "?");
            }
            return sides.toString();
        }
    }

    private ModelSurface(ModelProto model) {
        this.model = model;
        for (StringStringEntryProto entry : model.getMetadataPropsList()) {
            metadata.put(entry.getKey(), entry.getValue());
        }
    }

    static ModelSurface of(ModelProto model) {
        return new ModelSurface(model);
    }

    /**
     * @param path for messages
     * @param bytes of the file
     */
    static ModelSurface read(Path path, byte[] bytes) {
        try {
            CodedInputStream input = CodedInputStream.newInstance(bytes);
            // Weights stay where they are instead of being copied.
            input.enableAliasing(true);
            ModelProto model = ModelProto.parseFrom(input);
            GraphProto graph = model.getGraph();
            if (graph.getNodeCount() > 0 && graph.getOutputCount() > 0) {
                return new ModelSurface(model);
            }
        } catch (IOException e) {
            // Said below, as for a file that parses to nothing.
        }
        throw new ConfigException(
                "'"
                        + path
                        + "' is not an ONNX model; export it with torch.onnx.export or the like, or download it again");
    }

    ModelProto model() {
        return model;
    }

    /** A value of the metadata, empty where there is none. */
    Optional<String> metadata(String key) {
        return Optional.ofNullable(metadata.get(key)).filter(value -> !value.isBlank());
    }

    private List<Tensor> inputs() {
        GraphProto graph = model.getGraph();
        Set<String> weights = new HashSet<>();
        graph.getInitializerList().forEach(tensor -> weights.add(tensor.getName()));
        return graph.getInputList().stream()
                .filter(input -> !weights.contains(input.getName()))
                .map(ModelSurface::tensor)
                .toList();
    }

    /** The input for the image: the only one with four dimensions. */
    Tensor image() {
        List<Tensor> images = inputs().stream().filter(it -> it.shape().size() == 4).toList();
        if (images.size() != 1) {
            throw new ConfigException(
                    "the model takes %s: its inputs are %s, and one must be an image, [N, 3, H, W] or [N, H, W, 3]; give a model of images, or export the part that takes one"
                            .formatted(
                                    images.isEmpty() ? "no image" : images.size() + " images",
                                    list(inputs())));
        }
        return images.getFirst();
    }

    /** Names and shapes. */
    static String list(List<Tensor> tensors) {
        return String.join(", ", tensors.stream().map(it -> it.name() + " " + it.form()).toList());
    }

    /** Names of the inputs beside the image. */
    List<Tensor> others() {
        Tensor image = image();
        return inputs().stream().filter(input -> !input.equals(image)).toList();
    }

    List<Tensor> outputs() {
        return model.getGraph().getOutputList().stream().map(ModelSurface::tensor).toList();
    }

    /** The output of one of these names. */
    Optional<Tensor> output(String... names) {
        for (String name : names) {
            for (Tensor output : outputs()) {
                if (output.name().equals(name)) {
                    return Optional.of(output);
                }
            }
        }
        return Optional.empty();
    }

    /** The operator that an output comes from, past those that only give it another form. */
    String lastOperator(String output) {
        String wanted = output;
        List<NodeProto> nodes = model.getGraph().getNodeList();
        for (int i = nodes.size() - 1; i >= 0; i--) {
            NodeProto node = nodes.get(i);
            if (node.getOutputList().contains(wanted)) {
                boolean form =
                        Set.of("Identity", "Reshape", "Flatten", "Squeeze", "Cast", "Transpose")
                                .contains(node.getOpType());
                if (!form || node.getInputCount() == 0) {
                    return node.getOpType();
                }
                wanted = node.getInput(0);
            }
        }
        return "";
    }

    private static Tensor tensor(ValueInfoProto info) {
        return new Tensor(
                info.getName(),
                info.getType().getTensorType().getShape().getDimList().stream()
                        .map(dimension -> Math.max(0, dimension.getDimValue()))
                        .toList());
    }
}
