package dev.millrace.lab.imports;

import ai.onnx.proto.OnnxMl.TensorProto;
import com.google.protobuf.Message;
import dev.millrace.bundle.BundleException;
import dev.millrace.bundle.DeclarationFuzz;
import dev.millrace.bundle.ModelFolder;
import dev.millrace.bundle.graph.ExternalWeights;
import dev.millrace.config.ConfigException;
import dev.millrace.yaml.Mistake;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/**
 * Any ONNX file: what a bundle would be made of, or one line. The folder has a file {@code w} of
 * weights, a link {@code l} to a secret outside, and a link {@code u} to the folder above; no
 * tensor ever holds the secret, and no name of a file leads out of the folder.
 */
public final class ModelFuzz {
    private static final byte[] SECRET =
            "the secret of another file ".getBytes(StandardCharsets.UTF_8);
    private static final Path FOLDER = folder();

    private ModelFuzz() {}

    private static Path folder() {
        try {
            Path above = DeclarationFuzz.temporary("secret").getParent();
            Files.write(above.resolve("secret"), SECRET);
            Path folder = above.resolve("model");
            Files.createDirectory(folder).toFile().deleteOnExit();
            Files.write(folder.resolve("w"), new byte[64]).toFile().deleteOnExit();
            Files.createSymbolicLink(folder.resolve("l"), Path.of("../secret"));
            Files.createSymbolicLink(folder.resolve("u"), Path.of(".."));
            folder.resolve("l").toFile().deleteOnExit();
            folder.resolve("u").toFile().deleteOnExit();
            return folder;
        } catch (FileAlreadyExistsException e) {
            throw new IllegalStateException(e);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    public static void fuzzerTestOneInput(byte[] input) throws IOException {
        try {
            Path onnx = FOLDER.resolve("model.onnx");
            ModelSurface surface = ModelSurface.read(onnx, input);
            ModelFolder folder = ModelFolder.at(FOLDER);
            ModelFiles files = new ModelFiles(onnx, input, List.of(folder), "model");
            ExternalWeights weights = files.weights(surface);
            for (String name : weights.names()) {
                Path place = FOLDER.resolve(ModelFolder.plain(name)).normalize();
                if (!place.startsWith(FOLDER) || place.equals(FOLDER)) {
                    throw new AssertionError("out of the folder: " + name);
                }
            }
            requireWhole(weights.inlined());
            Facts facts = new Facts();
            GraphLayout.size(surface, facts);
            files.read(surface, facts);
            Preset.COCO.read(facts);
            Preset.IMAGENET.labels(surface, facts);
            GraphLayout.outputs(surface, facts);
            new ModelYaml(facts).questions();
        } catch (BundleException | ConfigException e) {
            requireLine(e);
        }
    }

    /** Nothing is left that another program would open a file for. */
    private static void requireWhole(Message message) {
        if (message instanceof TensorProto tensor) {
            if (tensor.getDataLocation() == TensorProto.DataLocation.EXTERNAL
                    || Arrays.equals(tensor.getRawData().toByteArray(), SECRET)) {
                throw new AssertionError("of another file: " + tensor);
            }
            return;
        }
        for (Object value : message.getAllFields().values()) {
            if (value instanceof Message inner) {
                requireWhole(inner);
            } else if (value instanceof List<?> list) {
                for (Object item : list) {
                    if (item instanceof Message inner) {
                        requireWhole(inner);
                    }
                }
            }
        }
    }

    private static void requireLine(Mistake e) {
        if (e.getMessage().isBlank() || e.getMessage().lines().count() != 1) {
            throw new AssertionError("not one line: " + e.getMessage());
        }
    }
}
