package dev.millrace.bundle.graph;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import dev.millrace.bundle.Bundle;
import dev.millrace.bundle.BundleException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Bundles of somebody else, whose files name what is outside of their folder. */
class ForeignBundleTest {
    @TempDir private Path folder;
    private Path bundle;
    private Path secret;

    @BeforeEach
    void folders() throws Exception {
        bundle = Files.createDirectories(folder.resolve("bundle"));
        secret = Files.writeString(folder.resolve("secret"), "a\nb\nsecret\nd\n");
    }

    private Bundle load() {
        return assertTimeoutPreemptively(
                Duration.ofSeconds(30), () -> Bundles.load(bundle, folder.resolve("cache")));
    }

    private void write(String labels) throws Exception {
        write(TestModels.detector(17), labels);
    }

    private void write(ModelProto.Builder model, String labels) throws Exception {
        TestModels.write(
                bundle,
                model,
                TestModels.yaml("detector", "{boxes: boxes, scores: scores}", "labels: " + labels));
    }

    private void assertRefused(String said) {
        String line = assertThrows(BundleException.class, this::load).getMessage();
        assertTrue(line.contains(said), line);
        assertFalse(line.matches("(?s).*\\p{Cntrl}.*"), line);
        assertFalse(Files.exists(folder.resolve("cache")), "something was written");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "../secret",
                "SECRET",
                "link",
                "up/secret",
                "device",
                "x/../../secret",
                "\"a\\0b\""
            })
    void labelsAreOfTheFolder(String name) throws Exception {
        Files.createSymbolicLink(bundle.resolve("link"), Path.of("../secret"));
        Files.createSymbolicLink(bundle.resolve("up"), Path.of(".."));
        Files.createSymbolicLink(bundle.resolve("device"), Path.of("/dev/zero"));
        write(name.replace("SECRET", secret.toString()));
        assertRefused("cannot be read beside model.yaml (it is ");
    }

    @Test
    void aPipeIsNotWaitedFor() throws Exception {
        new ProcessBuilder("mkfifo", bundle.resolve("pipe").toString()).start().waitFor();
        write("pipe");
        assertRefused("it is no regular file");
    }

    @ParameterizedTest
    @ValueSource(strings = {"model.onnx", "model.yaml"})
    void whatABundleIsMadeOfIsInIt(String name) throws Exception {
        write("[a, b, c, d]");
        Files.move(bundle.resolve(name), folder.resolve(name));
        Files.createSymbolicLink(bundle.resolve(name), folder.resolve(name));
        assertRefused("it is a link out of the folder");
    }

    @ParameterizedTest
    @ValueSource(strings = {"link", "../weights"})
    void weightsAreOfTheFolder(String location) throws Exception {
        weights(folder.resolve("weights"));
        Files.createSymbolicLink(bundle.resolve("link"), folder.resolve("weights"));
        write(weightsAt(location), "[a, b, c, d]");
        assertRefused("is the file that holds them, and is not in the model's folder");
    }

    /** As Kubernetes mounts a ConfigMap; and whoever names a link means where it leads. */
    @Test
    void linksInsideTheFolderAreRead() throws Exception {
        write(weightsAt("weights"), "labels");
        Path data = Files.createDirectories(bundle.resolve("..2026"));
        Files.createSymbolicLink(bundle.resolve("..data"), Path.of("..2026"));
        weights(data.resolve("weights"));
        Files.writeString(data.resolve("labels"), "a\nb\nc\nd\n");
        for (String name : List.of("model.onnx", "model.yaml")) {
            Files.move(bundle.resolve(name), data.resolve(name));
        }
        for (String name : List.of("model.onnx", "model.yaml", "weights", "labels")) {
            Files.createSymbolicLink(bundle.resolve(name), Path.of("..data", name));
        }
        assertEquals(List.of("a", "b", "c", "d"), load().spec().labels());
        bundle = Files.createSymbolicLink(folder.resolve("current"), bundle);
        assertEquals(List.of("a", "b", "c", "d"), load().spec().labels());
    }

    private static void weights(Path file) throws Exception {
        ByteBuffer shape = ByteBuffer.allocate(24).order(ByteOrder.LITTLE_ENDIAN);
        Files.write(file, shape.putLong(0).putLong(24).putLong(4).array());
    }

    private static ModelProto.Builder weightsAt(String location) {
        ModelProto.Builder model = TestModels.detector(17);
        model.getGraphBuilder()
                .getInitializerBuilder(0)
                .clearInt64Data()
                .setDataLocation(TensorProto.DataLocation.EXTERNAL)
                .addExternalData(
                        StringStringEntryProto.newBuilder().setKey("location").setValue(location));
        return model;
    }
}
