package dev.millrace.bundle.graph;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnx.proto.OnnxMl.ModelProto;
import dev.millrace.api.ImageInfo;
import dev.millrace.api.Placement;
import dev.millrace.api.Verdict;
import dev.millrace.bundle.Bundle;
import dev.millrace.bundle.BundleException;
import dev.millrace.bundle.Golden;
import dev.millrace.bundle.Nodes;
import dev.millrace.modules.Modules;
import dev.millrace.modules.Segmenter;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The kinds beside detectors, from their graphs to their verdicts, computed by hand. */
class KindsTest {
    /** 24 rows of four: the image's planes in their own order. */
    private static final String ROWS = "boxes";

    @TempDir private Path folder;

    private final byte[] image = Golden.pattern(5, 4, 8);

    private Bundle load(String name, ModelProto.Builder model, String yaml) throws Exception {
        Path bundle = TestModels.write(folder.resolve(name), model, yaml);
        return Bundles.load(bundle, folder.resolve("cache"));
    }

    private float value(int row, int column) {
        int at = 4 * row + column;
        return image[3 * (at % 32) + at / 32] & 0xff;
    }

    private Verdict verdict(Bundle bundle, byte[] pixels, Placement placement) throws Exception {
        return Modules.create(bundle.spec())
                .postprocess(
                        GraphRun.onPixels(bundle, pixels).outputs(bundle, 0),
                        new ImageInfo(8, 4, "png", 1),
                        placement);
    }

    @ParameterizedTest
    @CsvSource({
        "first, false, 7",
        "first, true, 12",
        "mean, false, 9",
        "mean, true, 13",
        "mean, true, 21"
    })
    void anEmbeddingIsPooledAndDividedByItsLength(String pool, boolean unit, int opset)
            throws Exception {
        Bundle bundle =
                load(
                        "vector",
                        TestModels.detector(opset),
                        TestModels.yaml(
                                "embedding",
                                "{embedding: " + ROWS + "}",
                                "pool: " + pool + "\nunit: " + unit));
        assertEquals(List.of(4), bundle.outputs().getFirst().shape());
        double[] expected = new double[4];
        double square = 0;
        for (int c = 0; c < 4; c++) {
            for (int row = 0; row < 24; row++) {
                double part = pool.equals("mean") ? value(row, c) / 24 : row == 0 ? 1 : 0;
                expected[c] += pool.equals("mean") ? part : part * value(0, c);
            }
            square += expected[c] * expected[c];
        }
        Verdict verdict = verdict(bundle, image, new Placement(1, 1, 0, 0));
        assertEquals(Optional.empty(), verdict.label());
        List<?> found = (List<?>) verdict.fields().get("embedding");
        for (int c = 0; c < 4; c++) {
            double wanted = unit ? expected[c] / Math.sqrt(square) : expected[c];
            assertEquals(wanted, (Float) found.get(c), Math.abs(wanted) * 1e-5);
        }
    }

    @Test
    void aVectorWithoutALengthStaysOne() throws Exception {
        Bundle bundle =
                load(
                        "zero",
                        TestModels.detector(17),
                        TestModels.yaml(
                                "embedding", "{embedding: boxes}", "pool: mean\nunit: true"));
        float[] zero = GraphRun.onPixels(bundle, new byte[96]).row("millrace_embedding", 0);
        assertArrayEquals(new float[4], zero);
    }

    @Test
    void vectorsOfPartsAreNotTakenForOne() {
        BundleException refused =
                assertThrows(
                        BundleException.class,
                        () ->
                                load(
                                        "parts",
                                        TestModels.detector(17),
                                        TestModels.yaml("embedding", "{embedding: boxes}", "")));
        assertTrue(refused.getMessage().contains("pool: mean"), refused::getMessage);
    }

    /** Three classes, as the image's channels; the left half of the input is not the image. */
    @ParameterizedTest
    @ValueSource(ints = {7, 11, 12, 13, 18})
    void aSegmentationSaysWhatEachClassCovers(int opset) throws Exception {
        Bundle bundle =
                load(
                        "classes",
                        TestModels.identity(opset, 4, 8),
                        TestModels.yaml(
                                "segmentation",
                                "{classes: output}",
                                "labels: [road, ~, sky]\noptions: {mask: true}"));
        byte[] pixels = new byte[96];
        for (int i = 0; i < 32; i++) {
            int x = i % 8;
            int best = x < 4 || i < 8 ? 0 : x == 4 ? 1 : 2;
            pixels[3 * i + best] = 9;
        }
        Verdict verdict = verdict(bundle, pixels, new Placement(0.5, 1, 4, 0));
        assertEquals(Optional.of("sky"), verdict.label());
        // Of 16 places four are road, in the first row, three have no label and nine are sky.
        assertEquals(Map.of("road", 4 / 16.0, "sky", 9 / 16.0), verdict.fields().get("shares"));
        Segmenter.Mask mask = (Segmenter.Mask) verdict.fields().get("mask");
        assertEquals(4, mask.width());
        assertEquals(4, mask.height());
        assertEquals(List.of(0, 4, -1, 1, 2, 3, -1, 1, 2, 3, -1, 1, 2, 3), mask.runs());
    }

    @Test
    void aMapOfClassNumbersIsReadAsItIs() throws Exception {
        ModelProto.Builder model = TestModels.identity(17, 4, 8);
        var graph = model.getGraphBuilder();
        graph.getNodeBuilder(0).setOutput(0, "three");
        graph.addNode(
                Nodes.node(
                        "ArgMax",
                        "a",
                        List.of("three"),
                        List.of("output"),
                        Nodes.attribute("axis", 1)));
        graph.getOutputBuilder(0)
                .getTypeBuilder()
                .getTensorTypeBuilder()
                .setElemType(ai.onnx.proto.OnnxMl.TensorProto.DataType.INT64_VALUE)
                .clearShape();
        Bundle bundle =
                load(
                        "numbers",
                        model,
                        TestModels.yaml("segmentation", "{classes: output}", "labels: [a, b]"));
        byte[] pixels = new byte[96];
        for (int i = 0; i < 32; i++) {
            pixels[3 * i + i % 3] = 9;
        }
        Verdict verdict = verdict(bundle, pixels, new Placement(1, 1, 0, 0));
        // The third class is more than there are labels.
        assertEquals(Map.of("a", 11 / 32.0, "b", 11 / 32.0), verdict.fields().get("shares"));
        assertEquals(1, verdict.fields().size());
    }

    @Test
    void withThresholdsAnImageMayHaveSeveralLabelsOrNone() throws Exception {
        Bundle bundle =
                load(
                        "several",
                        TestModels.identity(17, 1, 1),
                        TestModels.yaml(
                                        "classifier",
                                        "{scores: output}",
                                        "labels: [a, b, c]\nactivation: sigmoid\nthresholds: {score: 0.9, c: 0.6}")
                                .replace("width: 8, height: 4", "width: 1, height: 1"));
        Verdict verdict = verdict(bundle, new byte[] {1, 3, 2}, new Placement(1, 1, 0, 0));
        assertEquals(Optional.of("b"), verdict.label());
        assertEquals(List.of("b", "c"), verdict.fields().get("labels"));
        assertEquals(3, ((Map<?, ?>) verdict.fields().get("scores")).size());
        Verdict none = verdict(bundle, new byte[3], new Placement(1, 1, 0, 0));
        assertEquals(Optional.empty(), none.label());
        assertEquals(List.of(), none.fields().get("labels"));
    }
}
