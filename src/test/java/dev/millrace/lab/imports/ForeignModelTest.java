package dev.millrace.lab.imports;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.FunctionProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.SparseTensorProto;
import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import dev.millrace.lab.Laboratory;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/**
 * Models whose files name what is outside of their folder. Each is refused with one line, nothing
 * is written, and a secret beside the folder is in no bundle.
 */
class ForeignModelTest {
    private static final byte[] SECRET = "secret ".repeat(4000).getBytes(StandardCharsets.UTF_8);

    @TempDir private Path folder;
    private Path source;
    private Path secret;
    private Path bundle;
    private final StringWriter err = new StringWriter();

    @BeforeEach
    void folders() throws Exception {
        source = Files.createDirectories(folder.resolve("home/models/net"));
        secret = Files.write(folder.resolve("home/models/secret"), SECRET);
        bundle = Files.createDirectories(folder.resolve("out")).resolve("made");
        Files.writeString(source.resolve("labels"), "a\nb\nc\nd\ne\n");
    }

    private int run(Path model, String... options) {
        List<String> all = new ArrayList<>(List.of("engine", "import", model.toString()));
        all.addAll(List.of("--output", bundle.toString(), "--preset", "imagenet"));
        all.addAll(List.of("--labels", source.resolve("labels").toString()));
        all.addAll(List.of(options));
        CommandLine commands = Laboratory.commands();
        commands.setOut(new PrintWriter(new StringWriter(), true));
        commands.setErr(new PrintWriter(err, true));
        return assertTimeoutPreemptively(
                Duration.ofSeconds(60), () -> commands.execute(all.toArray(String[]::new)));
    }

    private Path write(ModelProto.Builder model) throws Exception {
        return Files.write(source.resolve("net.onnx"), model.build().toByteArray());
    }

    private static ModelProto.Builder shipped() throws Exception {
        return ImportCommandTest.shipped("safety").toBuilder();
    }

    private static TensorProto.Builder outside(TensorProto.Builder tensor, String location) {
        return tensor.clearRawData()
                .clearFloatData()
                .setDataLocation(TensorProto.DataLocation.EXTERNAL)
                .clearExternalData()
                .addExternalData(entry("location", location))
                .addExternalData(entry("length", "400"));
    }

    private static StringStringEntryProto entry(String key, String value) {
        return StringStringEntryProto.newBuilder().setKey(key).setValue(value).build();
    }

    /** The shipped model, of which one tensor is said to be elsewhere. */
    private static ModelProto.Builder weightsAt(String location) throws Exception {
        ModelProto.Builder model = shipped();
        outside(model.getGraphBuilder().getInitializerBuilder(0), location);
        return model;
    }

    /** A tensor of a hundred values, which are elsewhere. */
    private static TensorProto hundred(String location) {
        return outside(
                        TensorProto.newBuilder()
                                .setName("hundred")
                                .setDataType(TensorProto.DataType.FLOAT_VALUE)
                                .addDims(100),
                        location)
                .build();
    }

    /** All that is in the folder, and how each file begins. */
    private TreeMap<String, String> everything() throws Exception {
        TreeMap<String, String> all = new TreeMap<>();
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.toList()) {
                boolean regular = Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS);
                all.put(file.toString(), regular ? "" + Files.size(file) : "");
            }
        }
        return all;
    }

    private void assertRefused(Path model, String said, String... options) throws Exception {
        TreeMap<String, String> before = everything();
        int end = run(model, options);
        assertEquals(before, everything());
        assertEquals(2, end, err::toString);
        String line = err.toString().strip();
        assertFalse(line.isEmpty() || line.matches("(?s).*\\p{Cntrl}.*"), line);
        assertFalse(line.contains("secret secret"), line);
        assertTrue(line.contains(said), line);
    }

    /** From each of them the old way of joining names came to a file, or to a place to write. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "../secret",
                "SECRET",
                "link",
                "up/secret",
                "device",
                "pipe",
                "../../models/net/labels",
                "a/../../secret",
                "a/../labels",
                "SOURCE/labels",
                "..\\secret",
                "a\nb",
                "a\u001b[31mb",
                "a\u0000b",
                ".",
                ""
            })
    void weightsAreNowhereElse(String location) throws Exception {
        Files.createSymbolicLink(source.resolve("link"), Path.of("../secret"));
        Files.createSymbolicLink(source.resolve("up"), Path.of(".."));
        Files.createSymbolicLink(source.resolve("device"), Path.of("/dev/zero"));
        new ProcessBuilder("mkfifo", source.resolve("pipe").toString()).start().waitFor();
        String whole =
                location.replace("SECRET", secret.toString()).replace("SOURCE", source.toString());
        assertRefused(write(weightsAt(whole)), "is the file that holds them, and");
    }

    @ParameterizedTest
    @ValueSource(strings = {"model.onnx", "model.yaml", "LICENSE", "labels.txt", "plans/a.plan"})
    void weightsTakeNoPlaceOfTheBundle(String name) throws Exception {
        Files.createDirectories(source.resolve("plans"));
        Files.write(source.resolve(name), SECRET);
        assertRefused(write(weightsAt(name)), "the bundle has a file of its own");
    }

    /** Where a graph may hold a tensor beside its initialisers. */
    private enum Nested {
        BODY,
        LIST_OF_BODIES,
        ATTRIBUTE,
        LIST_OF_TENSORS,
        SPARSE,
        SPARSE_ATTRIBUTE,
        FUNCTION,
        DEFAULT_OF_A_FUNCTION,
        TRAINING;

        void put(ModelProto.Builder model, String location) {
            TensorProto tensor = hundred(location);
            SparseTensorProto sparse =
                    SparseTensorProto.newBuilder().setValues(tensor).addDims(100).build();
            AttributeProto.Builder attribute = AttributeProto.newBuilder().setName("a");
            NodeProto.Builder node = NodeProto.newBuilder().setOpType("Identity").setName("n");
            switch (this) {
                case BODY -> attribute.getGBuilder().addInitializer(tensor);
                case LIST_OF_BODIES -> attribute.addGraphsBuilder().addInitializer(tensor);
                case ATTRIBUTE, FUNCTION, DEFAULT_OF_A_FUNCTION -> attribute.setT(tensor);
                case LIST_OF_TENSORS -> attribute.addTensors(tensor);
                case SPARSE_ATTRIBUTE -> attribute.setSparseTensor(sparse);
                case SPARSE -> model.getGraphBuilder().addSparseInitializer(sparse);
                case TRAINING ->
                        model.addTrainingInfoBuilder().getAlgorithmBuilder().addInitializer(tensor);
            }
            FunctionProto.Builder function = FunctionProto.newBuilder().setName("f");
            switch (this) {
                case FUNCTION -> model.addFunctions(function.addNode(node.addAttribute(attribute)));
                case DEFAULT_OF_A_FUNCTION ->
                        model.addFunctions(function.addAttributeProto(attribute));
                case SPARSE, TRAINING -> {}
                default -> model.getGraphBuilder().addNode(node.addAttribute(attribute));
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Nested.class)
    void tensorsInsideOthersAreNowhereElseEither(Nested nested) throws Exception {
        ModelProto.Builder model = shipped();
        nested.put(model, "../secret");
        assertRefused(write(model), "weights hundred: '../secret' is the file that holds them");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"0 -1", "-8 8", "0 4001", "4000 1", "9223372036854775807 8", "x 8", "0 1e3"})
    void weightsAreInsideTheirFile(String place) throws Exception {
        Files.write(source.resolve("w"), new byte[4000]);
        ModelProto.Builder model = weightsAt("w");
        model.getGraphBuilder()
                .getInitializerBuilder(0)
                .clearExternalData()
                .addExternalData(entry("location", "w"))
                .addExternalData(entry("offset", place.split(" ")[0]))
                .addExternalData(entry("length", place.split(" ")[1]));
        assertRefused(write(model), "weights ");
    }

    /** A few bytes of a graph may name the same gigabyte over and over. */
    @Test
    void oneFileIsNotReadAThousandTimes() throws Exception {
        try (var file = new java.io.RandomAccessFile(source.resolve("w").toFile(), "rw")) {
            file.setLength(1 << 30);
        }
        ModelProto.Builder model = shipped();
        for (int i = 0; i < 1000; i++) {
            model.getGraphBuilder()
                    .addInitializer(
                            hundred("w").toBuilder().removeExternalData(1).setName("w" + i));
        }
        assertRefused(write(model), "is more than one ONNX file can hold");
    }

    @ParameterizedTest
    @ValueSource(strings = {"config.json", "preprocessor_config.json", "README.md", "LICENSE"})
    void filesBesideTheModelAreNoLinksToElsewhere(String name) throws Exception {
        Path model = write(shipped());
        Path link = Files.createSymbolicLink(source.resolve(name), Path.of("../secret"));
        assertRefused(model, name + ": 'it is a link out of the folder");
        Files.delete(link);
        Files.createSymbolicLink(link, Path.of("/dev/zero"));
        err.getBuffer().setLength(0);
        assertRefused(source, name + ": 'it is a link out of the folder");
        Files.delete(link);
        new ProcessBuilder("mkfifo", link.toString()).start().waitFor();
        err.getBuffer().setLength(0);
        assertRefused(source, name + ": 'it is no regular file'");
    }

    @Test
    void theModelOfAFolderIsNoLinkToElsewhere() throws Exception {
        Path other = Files.write(folder.resolve("home/own.onnx"), shipped().build().toByteArray());
        Path link = Files.createSymbolicLink(source.resolve("net.onnx"), other);
        assertRefused(source, "net.onnx: 'it is a link out of the folder");
        // Who names the link means what it leads to.
        assertEquals(0, run(link), err::toString);
    }

    @Test
    void theFolderOfTheGraphIsNoLinkToElsewhere() throws Exception {
        Path other = Files.createDirectories(folder.resolve("home/other"));
        Files.write(other.resolve("own.onnx"), shipped().build().toByteArray());
        Files.createSymbolicLink(source.resolve("onnx"), other);
        assertRefused(source, "it is a link out of the folder");
    }

    @Test
    void aBundleIsNotWrittenThroughALinkInItsPlace() throws Exception {
        Files.createDirectories(source.resolve("w"));
        Path elsewhere = Files.createDirectories(folder.resolve("home/elsewhere"));
        TensorProto weights = shipped().getGraph().getInitializer(0);
        Files.write(source.resolve("w/data"), weights.getRawData().toByteArray());
        ModelProto.Builder model = shipped();
        model.getGraphBuilder()
                .getInitializerBuilder(0)
                .clearRawData()
                .setDataLocation(TensorProto.DataLocation.EXTERNAL)
                .addExternalData(entry("location", "w/data"));
        Path net = write(model);
        Files.createDirectories(bundle);
        Files.createSymbolicLink(bundle.resolve("w"), elsewhere);
        assertRefused(net, "'" + bundle + "' cannot be written", "--force");
        Files.delete(bundle.resolve("w"));
        assertEquals(0, run(net, "--force"), err::toString);
        assertTrue(Files.exists(bundle.resolve("w/data")));
    }

    @Test
    void archivesAreNoModels() throws Exception {
        Path zip = source.resolve("net.zip");
        try (var out = new java.util.zip.ZipOutputStream(Files.newOutputStream(zip))) {
            out.putNextEntry(new java.util.zip.ZipEntry("../escaped.onnx"));
            out.write(shipped().build().toByteArray());
        }
        assertRefused(zip, "is not an ONNX model");
    }

    /** As huggingface_hub keeps what it downloads. */
    @Test
    void theCacheOfHuggingFaceIsRead() throws Exception {
        Path repository = Files.createDirectories(folder.resolve("hub/models--a--net"));
        Path blobs = Files.createDirectories(repository.resolve("blobs"));
        Path graph = Files.createDirectories(repository.resolve("snapshots/0a1b/onnx"));
        TensorProto weights = shipped().getGraph().getInitializer(0);
        ModelProto.Builder model = shipped();
        model.getGraphBuilder()
                .getInitializerBuilder(0)
                .clearRawData()
                .setDataLocation(TensorProto.DataLocation.EXTERNAL)
                .addExternalData(entry("location", "model.onnx_data"));
        blob(blobs, "a".repeat(64), model.build().toByteArray(), graph.resolve("model.onnx"));
        blob(
                blobs,
                "b".repeat(64),
                weights.getRawData().toByteArray(),
                graph.resolve("model.onnx_data"));
        Path config = graph.getParent().resolve("config.json");
        blob(blobs, "c".repeat(40), "{}".getBytes(StandardCharsets.UTF_8), config);
        assertEquals(0, run(graph.getParent()), err::toString);
        assertTrue(Files.isRegularFile(bundle.resolve("model.onnx"), LinkOption.NOFOLLOW_LINKS));
        assertEquals(0, run(graph.resolve("model.onnx"), "--force"), err::toString);
        Files.delete(config);
        Files.createSymbolicLink(config, secret);
        assertRefused(graph.getParent(), "it is a link out of the folder", "--force");
    }

    private static void blob(Path blobs, String hash, byte[] content, Path link) throws Exception {
        Files.write(blobs.resolve(hash), content);
        Files.createSymbolicLink(link, link.getParent().relativize(blobs).resolve(hash));
    }
}
