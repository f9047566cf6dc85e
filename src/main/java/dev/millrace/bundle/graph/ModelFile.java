package dev.millrace.bundle.graph;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import com.google.protobuf.CodedInputStream;
import dev.millrace.bundle.BundleException;
import dev.millrace.bundle.ModelFolder;
import dev.millrace.bundle.Sha256;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A user's {@code model.onnx} as it was read, and the digest of all that it is made of: its own
 * bytes, and the files beside it that hold its weights where the export wrote some.
 */
final class ModelFile {
    static final String NAME = "model.onnx";

    /** Arrays are no longer, and no protobuf message is. */
    private static final int MAX_BYTES = Integer.MAX_VALUE - 8;

    private final Path path;
    private final byte[] bytes;
    private final ModelProto model;
    private final ExternalWeights weights;

    private ModelFile(Path path, ModelFolder folder, byte[] bytes, ModelProto model) {
        this.path = path;
        this.bytes = bytes;
        this.model = model;
        this.weights = new ExternalWeights(path, folder, model);
    }

    /**
     * Reads {@code model.onnx}. Throws {@link BundleException} where there is none, or not all of
     * its files are in the folder.
     */
    static ModelFile read(ModelFolder folder) {
        Path path = folder.path(NAME);
        byte[] bytes = bytes(folder, path);
        try {
            CodedInputStream input = CodedInputStream.newInstance(bytes);
            // Weights stay where they are instead of being copied.
            input.enableAliasing(true);
            ModelProto model = ModelProto.parseFrom(input);
            if (model.getGraph().getNodeCount() > 0) {
                return new ModelFile(path, folder, bytes, model);
            }
        } catch (IOException e) {
            // Said below, as for a file that parses to nothing.
        }
        throw BundleException.of(
                path,
                NAME,
                bytes.length + " bytes",
                "are not an ONNX model; export the model again");
    }

    private static byte[] bytes(ModelFolder folder, Path path) {
        try {
            return folder.read(NAME, MAX_BYTES);
        } catch (NoSuchFileException e) {
            throw new BundleException(path + ": missing; put the exported model beside model.yaml");
        } catch (IOException e) {
            throw BundleException.of(
                    path,
                    NAME,
                    ModelFolder.reason(e),
                    "is why it cannot be read; put the model itself beside model.yaml");
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
