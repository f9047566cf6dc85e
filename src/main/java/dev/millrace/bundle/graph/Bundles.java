package dev.millrace.bundle.graph;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.TensorShapeProto.Dimension;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.millrace.api.ModelSpec;
import dev.millrace.bundle.Bundle;
import dev.millrace.bundle.BundleCache;
import dev.millrace.bundle.BundleException;
import dev.millrace.bundle.Declaration;
import dev.millrace.bundle.DeclarationReader;
import dev.millrace.bundle.ModelFolder;
import dev.millrace.bundle.Sha256;
import dev.millrace.bundle.Suppression;
import dev.millrace.gpu.TensorSpec;
import dev.millrace.nativelib.NativeFolder;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
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
        ModelFile file = ModelFile.read(folder(directory));
        List<byte[]> parts = new ArrayList<>();
        parts.add(utf8("millrace graft " + Graft.VERSION + "\n"));
        parts.addAll(file.content());
        parts.add(utf8(declared.canonical()));
        String hash = Sha256.hex(parts.toArray(byte[][]::new));
        BundleCache.Entry entry =
                new BundleCache(cache).file(hash, BundleCache.MODEL, () -> build(file, declared));
        GraphProto graph = graph(entry.bytes());
        return new Bundle(
                declared.spec(
                        hash, declared.graftedOutputs(), CutSuppression.of(file.graph(), declared)),
                entry.file(),
                new TensorSpec(
                        Graft.INPUT,
                        TensorSpec.Type.UINT8,
                        List.of(declared.height(), declared.width(), 3)),
                graph.getOutputList().stream().map(Bundles::tensor).toList(),
                launch(graph),
                new Bundle.Origin(
                        directory,
                        file.sha256(),
                        "graft " + Graft.VERSION + ", " + declared.graft(),
                        declared.maxBatch()));
    }

    private static ModelFolder folder(Path directory) {
        try {
            return ModelFolder.at(directory);
        } catch (IOException e) {
            throw BundleException.of(
                    directory, "bundle", e, "cannot be read; check the folder's permissions");
        }
    }

    private static GraphProto graph(byte[] grafted) {
        try {
            return ModelProto.parseFrom(grafted).getGraph();
        } catch (InvalidProtocolBufferException e) {
            throw new AssertionError("its checksum is right, so it is what was written", e);
        }
    }

    /** A grafted graph whose batch could not be opened says so in its input. */
    private static int launch(GraphProto graph) {
        return graph.getInputList().stream()
                .filter(input -> input.getName().equals(Graft.INPUT))
                .map(input -> input.getType().getTensorType().getShape().getDim(0))
                .filter(Dimension::hasDimValue)
                .mapToInt(dimension -> Math.toIntExact(dimension.getDimValue()))
                .findFirst()
                .orElse(Integer.MAX_VALUE);
    }

    /**
     * What {@code model.yaml} declares, for whoever only prepares images; the version is that of
     * the declaration alone.
     *
     * @throws BundleException with one line that says what is wrong and what to do
     */
    public static ModelSpec declared(Path directory) {
        Declaration declared = DeclarationReader.read(directory.resolve("model.yaml"));
        return declared.spec(
                Sha256.hex(utf8(declared.canonical())),
                declared.graftedOutputs(),
                Suppression.NONE);
    }

    private static byte[] build(ModelFile file, Declaration declared) {
        ModelGraph original = ModelGraph.of(file);
        Graft graft = new Graft(original, declared);
        ModelProto front = graft.front();
        GraphProbe probe =
                new GraphProbe(original, declared.height(), declared.width(), graft.outputNames());
        Map<String, List<Integer>> shapes;
        long fixed = graft.fixedBatch();
        if (fixed == 0) {
            shapes = probe.open(front);
        } else {
            shapes = probe.fixed(front, fixed);
            Graft opened =
                    new Graft(
                            original.with(
                                    BatchOpening.of(original.model(), fixed, declared.constants())),
                            declared);
            if (probe.isOpened(opened.front(), front, fixed)) {
                graft = opened;
                front = opened.front();
            } else if (fixed > 1) {
                throw original.wrong(
                        "batch",
                        fixed,
                        "is fixed and could not be made dynamic; export the model with a dynamic"
                                + " first dimension, or with a batch of 1");
            }
        }
        new OutputCheck(declared, shapes).check();
        ModelProto complete = graft.complete(front, shapes);
        if (declared.hasTail()) {
            probe.require(complete, graft.fixedBatch());
        }
        return complete.toByteArray();
    }

    /** A grafted graph carries the shapes of its outputs. */
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
