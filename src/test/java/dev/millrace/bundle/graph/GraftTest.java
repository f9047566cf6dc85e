package dev.millrace.bundle.graph;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorShapeProto.Dimension;
import dev.millrace.api.Normalization;
import dev.millrace.bundle.Bundle;
import dev.millrace.bundle.BundleException;
import dev.millrace.bundle.Golden;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What stands before and behind the user's graph, computed by hand. */
class GraftTest {
    private static final int HEIGHT = 6;
    private static final int WIDTH = 5;

    @TempDir private Path folder;

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "7  | {scale: 1/255, mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225]}",
                "9  | {scale: 1/255, mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225]}",
                "11 | {mean: [103.53, 116.28, 123.675], std: [57.375, 57.12, 58.395]}",
                "13 | {scale: 1/255}",
                "17 | {mean: 127.5, std: 127.5}",
                "18 | {scale: 0.00392156862745098, mean: 0.5, std: 0.5}",
                "21 | {mean: [1, 2, 3]}",
                "17 | {}"
            })
    void pixelsAreNormalizedAndTurnedToChannelsFirst(int opset, String normalize) throws Exception {
        Bundle bundle =
                Bundles.load(
                        TestModels.write(
                                folder.resolve("identity"),
                                TestModels.identity(opset, HEIGHT, WIDTH),
                                yaml(normalize)),
                        folder.resolve("cache"));
        byte[] image = Golden.pattern(1, HEIGHT, WIDTH);
        float[] actual = GraphRun.onPixels(bundle, image, image).row("output", 1);
        Normalization rule = bundle.spec().normalization();
        for (int c = 0; c < 3; c++) {
            for (int i = 0; i < HEIGHT * WIDTH; i++) {
                double std = rule.std().get(c);
                float scaled = (image[3 * i + c] & 0xff) * (float) (rule.scale() / std);
                float expected = scaled + (float) (-rule.mean().get(c) / std);
                assertEquals(expected, actual[c * HEIGHT * WIDTH + i], "c" + c);
            }
        }
    }

    /** And planes are normalized, not pixels, which takes ten times as long on a CPU. */
    @Test
    void whatWouldChangeNothingIsLeftOut() throws Exception {
        assertEquals(List.of("Cast", "Transpose", "Identity"), operators("{}"));
        assertEquals(
                List.of("Cast", "Transpose", "Constant", "Mul", "Identity"),
                operators("{scale: 1/255}"));
        assertEquals(
                List.of("Cast", "Transpose", "Constant", "Mul", "Constant", "Add", "Identity"),
                operators("{mean: 2, std: 3}"));
    }

    private List<String> operators(String normalize) throws Exception {
        Path bundle =
                TestModels.write(
                        Files.createTempDirectory(folder, "identity"),
                        TestModels.identity(17, HEIGHT, WIDTH),
                        yaml(normalize));
        Path onnx = Bundles.load(bundle, folder.resolve("cache")).onnx();
        return ModelProto.parseFrom(Files.readAllBytes(onnx)).getGraph().getNodeList().stream()
                .map(NodeProto::getOpType)
                .toList();
    }

    @Test
    void openSidesAreSetToWhatIsDeclared() throws Exception {
        ModelProto.Builder model = TestModels.identity(17, HEIGHT, WIDTH);
        Dimension open = Dimension.newBuilder().setDimParam("side").build();
        model.getGraphBuilder()
                .getInputBuilder(0)
                .getTypeBuilder()
                .getTensorTypeBuilder()
                .getShapeBuilder()
                .setDim(2, open)
                .setDim(3, open);
        model.getGraphBuilder()
                .getOutputBuilder(0)
                .getTypeBuilder()
                .getTensorTypeBuilder()
                .clearShape();
        Bundle bundle =
                Bundles.load(
                        TestModels.write(folder.resolve("open"), model, yaml("{}")),
                        folder.resolve("cache"));
        assertEquals(List.of(HEIGHT, WIDTH, 3), bundle.input().shape());
        assertEquals(List.of(3, HEIGHT, WIDTH), bundle.outputs().getFirst().shape());
    }

    @Test
    void weightsAmongTheInputsOfAnOldModelStay() throws Exception {
        ModelProto.Builder model = TestModels.detector(9).setIrVersion(3);
        model.getGraphBuilder()
                .addInputBuilder()
                .setName("shape")
                .getTypeBuilder()
                .getTensorTypeBuilder()
                .setElemType(TensorProto.DataType.INT64_VALUE)
                .getShapeBuilder()
                .addDimBuilder()
                .setDimValue(3);
        Bundle bundle =
                Bundles.load(
                        TestModels.write(folder.resolve("old"), model, detectorYaml("")),
                        folder.resolve("cache"));
        assertEquals(2, bundle.outputs().size());
    }

    @ParameterizedTest
    @ValueSource(ints = {11, 12, 13, 17, 18, 20, 21})
    void theTailKeepsTheBestBoxesInEveryOpset(int opset) throws Exception {
        Path directory =
                TestModels.write(
                        folder.resolve("d"),
                        TestModels.detector(opset),
                        detectorYaml("candidates: 7"));
        Bundle tailed = Bundles.load(directory, folder.resolve("cache"));
        byte[] first = Golden.pattern(0, 4, 8);
        byte[] second = Golden.pattern(5, 4, 8);
        GraphRun run = GraphRun.onPixels(tailed, first, second);
        assertArrayEquals(expected(first, false, 7), run.row("millrace_boxes", 0));
        assertArrayEquals(expected(first, true, 7), run.row("millrace_scores", 0));
        assertArrayEquals(expected(second, false, 7), run.row("millrace_boxes", 1));
        assertArrayEquals(expected(second, true, 7), run.row("millrace_scores", 1));
    }

    @Test
    void aTailThatKeepsAllOnlySorts() throws Exception {
        Path directory =
                TestModels.write(
                        folder.resolve("d"),
                        TestModels.detector(17),
                        detectorYaml("candidates: 24"));
        byte[] image = Golden.pattern(3, 4, 8);
        GraphRun run = GraphRun.onPixels(Bundles.load(directory, folder.resolve("cache")), image);
        assertArrayEquals(expected(image, false, 24), run.row("millrace_boxes", 0));
        assertArrayEquals(expected(image, true, 24), run.row("millrace_scores", 0));
    }

    @ParameterizedTest
    @ValueSource(ints = {7, 9, 10})
    void aTailNeedsOpset11(int opset) throws Exception {
        Path directory =
                TestModels.write(
                        folder.resolve("d"),
                        TestModels.detector(opset),
                        detectorYaml("candidates: 7"));
        BundleException refused =
                assertThrows(
                        BundleException.class,
                        () -> Bundles.load(directory, folder.resolve("cache")));
        assertTrue(
                refused.getMessage().contains("candidates: '7' needs opset 11"),
                refused.getMessage());
    }

    /** Rows of the detector's outputs, best first, equals in their own order. */
    private static float[] expected(byte[] image, boolean scores, int count) {
        float[] boxes = new float[96];
        float[] turned = new float[96];
        for (int c = 0; c < 3; c++) {
            for (int y = 0; y < 4; y++) {
                for (int x = 0; x < 8; x++) {
                    float value = image[(y * 8 + x) * 3 + c] & 0xff;
                    boxes[c * 32 + y * 8 + x] = value;
                    turned[c * 32 + x * 4 + y] = value;
                }
            }
        }
        List<Integer> order = new ArrayList<>(IntStream.range(0, 24).boxed().toList());
        order.sort(Comparator.comparing(row -> -best(turned, row)));
        float[] rows = new float[4 * count];
        for (int i = 0; i < count; i++) {
            System.arraycopy(scores ? turned : boxes, 4 * order.get(i), rows, 4 * i, 4);
        }
        return rows;
    }

    private static float best(float[] scores, int row) {
        float best = scores[4 * row];
        for (int c = 1; c < 4; c++) {
            best = Math.max(best, scores[4 * row + c]);
        }
        return best;
    }

    private static String yaml(String normalize) {
        return """
        kind: some.Module
        input: {width: 5, height: 6}
        resize: stretch
        color: RGB
        normalize: %s
        outputs: {anything: output}
        """
                .formatted(normalize);
    }

    private static String detectorYaml(String more) {
        return """
        kind: detector
        input: {width: 8, height: 4}
        resize: letterbox
        color: RGB
        normalize: {}
        labels: [a, b, c, d]
        outputs: {boxes: boxes, scores: scores}
        %s
        """
                .formatted(more);
    }
}
