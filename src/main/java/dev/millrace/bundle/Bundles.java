package dev.millrace.bundle;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.TensorShapeProto.Dimension;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.millrace.api.ModelSpec;
import dev.millrace.gpu.TensorSpec;
import dev.millrace.nativelib.NativeFolder;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Makes a {@link Bundle} of a folder. */
public final class Bundles {
    private Bundles() {}

    /**
     * Reads and checks a bundle. The first time, its graph is grafted, run once to learn the shapes
     * of its outputs, and kept in {@code cache}; after that it is taken from there.
     *
     * @param directory with {@code model.yaml} and {@code model.onnx}; its name is the model's
     * @param cache where grafted graphs are kept, see {@link BundleCache#defaultDirectory}
     * @throws BundleException with one line that says what is wrong and what to do
     */
    public static Bundle load(Path directory, Path cache) {
        if (!Files.isDirectory(directory)) {
            throw BundleException.of(
                    directory,
                    "bundle",
                    directory.getFileName(),
                    "is not a folder; give one that holds model.onnx and model.yaml");
        }
        NativeFolder.alsoTry(cache);
        Declaration declared = DeclarationReader.read(directory.resolve("model.yaml"));
        Path file = directory.resolve("model.onnx");
        byte[] onnx = read(file);
        String hash =
                Sha256.hex(
                        utf8("millrace graft " + Graft.VERSION + "\n"),
                        onnx,
                        utf8(declared.canonical()));
        BundleCache.Entry entry =
                new BundleCache(cache)
                        .file(hash, BundleCache.MODEL, () -> build(file, onnx, declared));
        return new Bundle(
                declared.spec(hash, outputs(declared)),
                entry.file(),
                new TensorSpec(
                        Graft.INPUT,
                        TensorSpec.Type.UINT8,
                        List.of(declared.height(), declared.width(), 3)),
                outputs(entry.bytes()),
                new Bundle.Origin(
                        directory, Sha256.hex(onnx), declared.graft(), declared.maxBatch()));
    }

    /**
     * What {@code model.yaml} declares, for whoever only prepares images; the version is that of
     * the declaration alone.
     *
     * @throws BundleException with one line that says what is wrong and what to do
     */
    public static ModelSpec declared(Path directory) {
        Declaration declared = DeclarationReader.read(directory.resolve("model.yaml"));
        return declared.spec(Sha256.hex(utf8(declared.canonical())), outputs(declared));
    }

    private static Map<String, String> outputs(Declaration declared) {
        return declared.candidates().isPresent()
                ? CandidateTail.outputNames(declared)
                : declared.outputs();
    }

    private static byte[] read(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (NoSuchFileException e) {
            throw new BundleException(file + ": missing; put the exported model beside model.yaml");
        } catch (IOException e) {
            throw BundleException.of(
                    file, "model.onnx", e, "cannot be read; check the file's permissions");
        }
    }

    private static byte[] build(Path file, byte[] onnx, Declaration declared) {
        ModelGraph original = ModelGraph.parse(file, onnx);
        Graft graft = new Graft(original, declared);
        ModelProto front = graft.front();
        Map<String, List<Integer>> shapes =
                new ShapeProbe(original)
                        .shapes(
                                front.toByteArray(),
                                declared.height(),
                                declared.width(),
                                graft.outputNames());
        new OutputCheck(declared, shapes).check();
        return graft.complete(front, shapes).toByteArray();
    }

    /** A grafted graph carries the shapes of its outputs. */
    private static List<TensorSpec> outputs(byte[] grafted) {
        try {
            return ModelProto.parseFrom(grafted).getGraph().getOutputList().stream()
                    .map(Bundles::tensor)
                    .toList();
        } catch (InvalidProtocolBufferException e) {
            throw new AssertionError("its checksum is right, so it is what was written", e);
        }
    }

    private static TensorSpec tensor(ValueInfoProto output) {
        List<Integer> shape =
                output.getType().getTensorType().getShape().getDimList().stream()
                        .skip(1)
                        .map(Dimension::getDimValue)
                        .map(Math::toIntExact)
                        .toList();
        return new TensorSpec(output.getName(), TensorSpec.Type.FLOAT32, shape);
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
