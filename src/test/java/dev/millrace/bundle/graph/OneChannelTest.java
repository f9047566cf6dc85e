package dev.millrace.bundle.graph;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import dev.millrace.bundle.Bundle;
import dev.millrace.bundle.BundleException;
import dev.millrace.bundle.Golden;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Graphs that take luma, computed by hand. */
class OneChannelTest {
    private static final int HEIGHT = 6;
    private static final int WIDTH = 5;

    @TempDir private Path folder;

    private static ModelProto.Builder model(int opset, DataType type, boolean last) {
        ModelProto.Builder model = TestModels.identity(opset, HEIGHT, WIDTH);
        List<Long> shape =
                last
                        ? List.of((long) HEIGHT, (long) WIDTH, 1L)
                        : List.of(1L, (long) HEIGHT, (long) WIDTH);
        var graph = model.getGraphBuilder();
        for (var tensor :
                List.of(
                        graph.getInputBuilder(0).getTypeBuilder().getTensorTypeBuilder(),
                        graph.getOutputBuilder(0).getTypeBuilder().getTensorTypeBuilder())) {
            tensor.setElemType(type.getNumber());
            for (int i = 0; i < 3; i++) {
                tensor.getShapeBuilder().getDimBuilder(i + 1).setDimValue(shape.get(i));
            }
        }
        return model;
    }

    private Bundle load(ModelProto.Builder model, String color, String normalize) throws Exception {
        String yaml =
                """
                kind: some.Module
                input: {width: 5, height: 6}
                resize: stretch
                color: %s
                normalize: %s
                outputs: {anything: output}
                """
                        .formatted(color, normalize);
        Path bundle = Files.createTempDirectory(folder, "gray");
        return Bundles.load(TestModels.write(bundle, model, yaml), folder.resolve("cache"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "7  | FLOAT   | false | {}                                     | 1    | 0   | 1",
                "17 | FLOAT   | false | {scale: 1/255, mean: 0.1307, std: 0.3081} | 255 | 0.1307 | 0.3081",
                "17 | FLOAT   | true  | {mean: [127.5], std: [127.5]}          | 1    | 127.5 | 127.5",
                "21 | FLOAT16 | true  | {scale: 1/255}                         | 255  | 0   | 1",
            })
    void theGraphSeesNormalizedLuma(
            int opset,
            DataType type,
            boolean last,
            String normalize,
            double divisor,
            double mean,
            double std)
            throws Exception {
        Bundle bundle = load(model(opset, type, last), "GRAY", normalize);
        assertEquals(List.of(HEIGHT, WIDTH, 3), bundle.input().shape());
        byte[] image = Golden.pattern(1, HEIGHT, WIDTH);
        float[] actual = GraphRun.onPixels(bundle, image, image).row("output", 1);
        assertEquals(HEIGHT * WIDTH, actual.length);
        for (int i = 0; i < actual.length; i++) {
            double expected = (luma(image, i) / divisor - mean) / std;
            assertEquals(expected, actual[i], type == DataType.FLOAT ? 1e-4 : 1e-3);
        }
    }

    /** As Pillow's convert("L") rounds it. */
    @ParameterizedTest
    @CsvSource({"UINT8, false", "UINT8, true", "INT32, false"})
    void integersAreRounded(DataType type, boolean last) throws Exception {
        Bundle bundle = load(model(17, type, last), "GRAY", "{}");
        byte[] image = Golden.pattern(2, HEIGHT, WIDTH);
        image[0] = image[1] = image[2] = (byte) 255;
        float[] actual = GraphRun.onPixels(bundle, image).row("output", 0);
        for (int i = 0; i < actual.length; i++) {
            assertEquals((int) (luma(image, i) + 0.5), actual[i]);
        }
    }

    private static double luma(byte[] image, int pixel) {
        return 0.299 * (image[3 * pixel] & 0xff)
                + 0.587 * (image[3 * pixel + 1] & 0xff)
                + 0.114 * (image[3 * pixel + 2] & 0xff);
    }

    @Test
    void whatIsGraftedIsOnTheListOfTensorRt() throws Exception {
        Bundle bundle = load(model(17, DataType.FLOAT16, true), "GRAY", "{mean: 1, std: 2}");
        List<String> operators =
                ModelProto.parseFrom(Files.readAllBytes(bundle.onnx()))
                        .getGraph()
                        .getNodeList()
                        .stream()
                        .map(node -> node.getOpType())
                        .toList();
        assertEquals(
                List.of(
                        "Cast",
                        "Transpose",
                        "Constant",
                        "Conv",
                        "Constant",
                        "Add",
                        "Transpose",
                        "Cast",
                        "Identity",
                        "Cast"),
                operators);
        List<String> known =
                Files.readAllLines(Path.of("src/test/resources/tensorrt/operators.txt"));
        assertTrue(known.containsAll(operators.subList(0, 8)), operators::toString);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "RGB  | {}                | color: 'RGB' is not what model.onnx takes, [N, 1, 6, 5]; write GRAY",
                "GRAY | {mean: [1, 2, 3]} | normalize.mean: '[1,2,3]' must be one number, since there is one channel",
            })
    void whatDoesNotGoTogetherIsOneLine(String color, String normalize, String line) {
        BundleException refused =
                assertThrows(
                        BundleException.class,
                        () -> load(model(17, DataType.FLOAT, false), color, normalize));
        assertTrue(refused.getMessage().contains(line), refused::getMessage);
        assertEquals(1, refused.getMessage().lines().count());
    }

    @Test
    void lumaForThreeChannelsIsOneLine() {
        BundleException refused =
                assertThrows(
                        BundleException.class,
                        () -> load(TestModels.identity(17, HEIGHT, WIDTH), "GRAY", "{}"));
        assertTrue(
                refused.getMessage()
                        .contains(
                                "color: 'GRAY' is not what model.onnx takes, [N, 3, 6, 5]; write RGB or BGR"),
                refused::getMessage);
    }
}
