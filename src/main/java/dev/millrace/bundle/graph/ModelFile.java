package dev.millrace.bundle.graph;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import com.google.protobuf.CodedInputStream;
import dev.millrace.bundle.BundleException;
import dev.millrace.bundle.Sha256;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A user's {@code model.onnx} as it was read, and the digest of all that it is made of: its own
 * bytes, and the files beside it that hold its weights where the export wrote some.
 */
final class ModelFile {
    private final Path path;
    private final byte[] bytes;
    private final ModelProto model;
    private final ExternalWeights weights;

    private ModelFile(Path path, byte[] bytes, ModelProto model) {
        this.path = path;
        this.bytes = bytes;
        this.model = model;
        this.weights = new ExternalWeights(path, model);
    }

    /** Throws {@link BundleException} where there is no model, or not all of its files. */
    static ModelFile read(Path path) {
        byte[] bytes = bytes(path);
        try {
            CodedInputStream input = CodedInputStream.newInstance(bytes);
            // Weights stay where they are instead of being copied.
            input.enableAliasing(true);
            ModelProto model = ModelProto.parseFrom(input);
            if (model.getGraph().getNodeCount() > 0) {
                return new ModelFile(path, bytes, model);
            }
        } catch (IOException e) {
            // Said below, as for a file that parses to nothing.
        }
        throw BundleException.of(
                path,
                "model.onnx",
                bytes.length + " bytes",
                "are not an ONNX model; export the model again");
    }

    private static byte[] bytes(Path path) {
        try {
            return Files.readAllBytes(path);
        } catch (NoSuchFileException e) {
            throw new BundleException(path + ": missing; put the exported model beside model.yaml");
        } catch (IOException e) {
            throw BundleException.of(
                    path, "model.onnx", e, "cannot be read; check the file's permissions");
        }
    }

    Path path() {
        return path;
    }

    /** The graph, without the weights that other files hold. */
    GraphProto graph() {
        return model.getGraph();
    }

    /** The model with all its weights in it. */
    ModelProto whole() {
        return weights.inlined();
    }

    /** What decides what the model computes. */
    List<byte[]> content() {
        List<byte[]> content = new ArrayList<>();
        content.add(bytes);
        for (String digest : weights.digests()) {
            content.add(digest.getBytes(StandardCharsets.UTF_8));
        }
        return content;
    }

    String sha256() {
        return Sha256.hex(content().toArray(byte[][]::new));
    }
}
