package dev.millrace.bundle.graph;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import ai.onnx.proto.OnnxMl.TensorShapeProto;
import com.google.protobuf.ByteString;
import dev.millrace.bundle.Bundle;
import dev.millrace.bundle.BundleException;
import dev.millrace.bundle.Golden;
import dev.millrace.bundle.Nodes;
import dev.millrace.bundle.plan.PlanGraphs;
import dev.millrace.bundle.plan.Precision;
import dev.millrace.gpu.TensorSpec;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Graphs as exporters write them, and not as one would wish: all of them run as they are. */
class ExportsTest {
    private static final int HEIGHT = 6;
    private static final int WIDTH = 5;
    private static final String DETECTOR =
            """
            kind: detector
            input: {width: 8, height: 4}
            resize: stretch
            color: RGB
            normalize: {scale: 1/255}
            labels: [a, b, c, d]
            outputs: {boxes: boxes, scores: scores}
            """;

    @TempDir private Path folder;

    private final byte[] first = Golden.pattern(0, 4, 8);
    private final byte[] second = Golden.pattern(5, 4, 8);

    private Bundle load(String name, ModelProto.Builder model, String yaml) throws Exception {
        Path bundle = TestModels.write(folder.resolve(name), model, yaml);
        return Bundles.load(bundle, folder.resolve("cache"));
    }

    private static String yaml(String normalize, String more) {
        return """
        kind: some.Module
        input: {width: 5, height: 6%s}
        resize: stretch
        color: RGB
        normalize: %s
        outputs: {anything: output}
        """
                .formatted(more, normalize);
    }

    private static TensorShapeProto.Builder inputShape(ModelProto.Builder model) {
        return model.getGraphBuilder()
                .getInputBuilder(0)
                .getTypeBuilder()
                .getTensorTypeBuilder()
                .getShapeBuilder();
    }

    private static void types(ModelProto.Builder model, DataType input, DataType output) {
        GraphProto.Builder graph = model.getGraphBuilder();
        graph.getInputBuilder(0)
                .getTypeBuilder()
                .getTensorTypeBuilder()
                .setElemType(input.getNumber());
        graph.getOutputBuilder(0)
                .getTypeBuilder()
                .getTensorTypeBuilder()
                .setElemType(output.getNumber());
    }

    /** The shape of the Reshape nodes, in a file beside the model as PyTorch writes its weights. */
    private static void moveOut(ModelProto.Builder model, Path folder, String file, long... shape)
            throws Exception {
        ByteBuffer bytes = ByteBuffer.allocate(64 + 8 * shape.length);
        bytes.order(ByteOrder.LITTLE_ENDIAN).position(64);
        for (long side : shape) {
            bytes.putLong(side);
        }
        Files.createDirectories(folder);
        Files.write(folder.resolve(file), bytes.array());
        TensorProto.Builder tensor = model.getGraphBuilder().getInitializerBuilder(0);
        tensor.clearInt64Data()
                .setDataLocation(TensorProto.DataLocation.EXTERNAL)
                .addExternalData(entry("location", file))
                .addExternalData(entry("offset", "64"))
                .addExternalData(entry("length", "" + 8 * shape.length));
    }

    private static StringStringEntryProto entry(String key, String value) {
        return StringStringEntryProto.newBuilder().setKey(key).setValue(value).build();
    }

    @Test
    void weightsInAFileBesideTheModelAreReadAndCounted() throws Exception {
        GraphRun whole = GraphRun.onPixels(load("a", TestModels.detector(17), DETECTOR), first);
        ModelProto.Builder split = TestModels.detector(17);
        moveOut(split, folder.resolve("b"), "net.onnx.data", 0, 24, 4);
        Bundle bundle = load("b", split, DETECTOR);
        assertArrayEquals(whole.row("boxes", 0), GraphRun.onPixels(bundle, first).row("boxes", 0));
        moveOut(TestModels.detector(17), folder.resolve("b"), "net.onnx.data", 0, -1, 4);
        Bundle changed = Bundles.load(folder.resolve("b"), folder.resolve("cache"));
        assertNotEquals(bundle.spec().version(), changed.spec().version());
        assertNotEquals(bundle.origin().modelSha256(), changed.origin().modelSha256());
    }

    /** As {@code torch.onnx.export} writes by default: a batch of one, and its weights outside. */
    @ParameterizedTest
    @ValueSource(ints = {1, 4})
    void aFixedBatchIsOpened(int fixed) throws Exception {
        ModelProto.Builder model = TestModels.detector(17);
        inputShape(model).getDimBuilder(0).setDimValue(fixed);
        for (int i = 0; i < 2; i++) {
            model.getGraphBuilder()
                    .getOutputBuilder(i)
                    .getTypeBuilder()
                    .getTensorTypeBuilder()
                    .getShapeBuilder()
                    .getDimBuilder(0)
                    .setDimValue(fixed);
        }
        moveOut(model, folder.resolve("fixed"), "model.onnx.data", fixed, 24, 4);
        Bundle bundle = load("fixed", model, DETECTOR);
        assertEquals(Integer.MAX_VALUE, bundle.launch());
        GraphRun expected =
                GraphRun.onPixels(load("open", TestModels.detector(17), DETECTOR), first, second);
        GraphRun actual = GraphRun.onPixels(bundle, first, second);
        for (int image = 0; image < 2; image++) {
            assertArrayEquals(expected.row("boxes", image), actual.row("boxes", image));
            assertArrayEquals(expected.row("scores", image), actual.row("scores", image));
        }
    }

    /** Before IR version 4 weights are inputs too, and one that nothing reads any more is none. */
    @Test
    void aFixedBatchOfAnOldFileIsOpened() throws Exception {
        ModelProto.Builder model = TestModels.detector(9).setIrVersion(3);
        inputShape(model).getDimBuilder(0).setDimValue(1);
        GraphProto.Builder graph = model.getGraphBuilder();
        graph.getInitializerBuilder(0).clearInt64Data().addAllInt64Data(List.of(1L, 24L, 4L));
        graph.addInputBuilder()
                .setName("shape")
                .getTypeBuilder()
                .getTensorTypeBuilder()
                .setElemType(DataType.INT64_VALUE)
                .getShapeBuilder()
                .addDimBuilder()
                .setDimValue(3);
        Bundle bundle = load("old", model, DETECTOR);
        assertEquals(Integer.MAX_VALUE, bundle.launch());
    }

    @Test
    void aBatchOfOneThatCannotBeOpenedIsLaunchedOneByOne() throws Exception {
        Bundle bundle = load("bound", TestModels.bound(1, HEIGHT, WIDTH), yaml("{}", ""));
        assertEquals(1, bundle.launch());
        byte[] image = Golden.pattern(1, HEIGHT, WIDTH);
        float[] output = GraphRun.onPixels(bundle, image).row("output", 0);
        assertEquals(6 * HEIGHT * WIDTH, output.length);
        assertEquals(image[3] & 0xff, output[1]);
        assertEquals(
                bundle.launch(),
                Bundles.load(folder.resolve("bound"), folder.resolve("cache")).launch());
        assertTrue(Files.exists(PlanGraphs.of(bundle, Precision.FP16)));
    }

    @Test
    void anotherFixedBatchThatCannotBeOpenedIsRefused() {
        BundleException refused =
                assertThrows(
                        BundleException.class,
                        () -> load("b", TestModels.bound(4, HEIGHT, WIDTH), yaml("{}", "")));
        assertTrue(refused.getMessage().contains("batch: '4' is fixed"), refused::getMessage);
    }

    @ParameterizedTest
    @CsvSource({
        "FLOAT16, FLOAT16",
        "DOUBLE, DOUBLE",
        "UINT8, UINT8",
        "INT32, INT32",
        "INT64, INT64"
    })
    void inputsAndOutputsOfOtherTypesAreCast(DataType input, DataType output) throws Exception {
        ModelProto.Builder model = TestModels.identity(17, HEIGHT, WIDTH);
        types(model, input, output);
        Bundle bundle = load("typed", model, yaml("{}", ""));
        byte[] image = Golden.pattern(1, HEIGHT, WIDTH);
        float[] actual = GraphRun.onPixels(bundle, image, image).row("output", 1);
        for (int i = 0; i < HEIGHT * WIDTH; i++) {
            assertEquals(image[3 * i + 2] & 0xff, actual[2 * HEIGHT * WIDTH + i]);
        }
    }

    @Test
    void halvesAreNormalizedBeforeTheyAreRounded() throws Exception {
        ModelProto.Builder model = TestModels.identity(17, HEIGHT, WIDTH);
        types(model, DataType.FLOAT16, DataType.FLOAT16);
        Bundle bundle = load("half", model, yaml("{scale: 1/255, mean: 0.5, std: 0.25}", ""));
        byte[] image = Golden.pattern(1, HEIGHT, WIDTH);
        float[] actual = GraphRun.onPixels(bundle, image).row("output", 0);
        for (int i = 0; i < HEIGHT * WIDTH; i++) {
            double exact = ((image[3 * i] & 0xff) / 255.0 - 0.5) / 0.25;
            assertEquals(exact, actual[i], 0.001);
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = DataType.class,
            names = {"UINT8", "INT32"})
    void pixelsAsTheyAreCannotBeNormalized(DataType type) {
        ModelProto.Builder model = TestModels.identity(17, HEIGHT, WIDTH);
        types(model, type, type);
        BundleException refused =
                assertThrows(
                        BundleException.class,
                        () -> load("typed", model, yaml("{scale: 1/255}", "")));
        assertTrue(refused.getMessage().contains("write normalize: {}"), refused::getMessage);
    }

    @ParameterizedTest
    @EnumSource(
            value = DataType.class,
            names = {"FLOAT", "UINT8"})
    void channelsMayBeLast(DataType type) throws Exception {
        ModelProto.Builder model = TestModels.identity(17, HEIGHT, WIDTH);
        types(model, type, type);
        inputShape(model).getDimBuilder(1).setDimValue(HEIGHT);
        inputShape(model).getDimBuilder(2).setDimValue(WIDTH);
        inputShape(model).getDimBuilder(3).setDimValue(3);
        model.getGraphBuilder()
                .getOutputBuilder(0)
                .getTypeBuilder()
                .getTensorTypeBuilder()
                .clearShape();
        boolean floats = type == DataType.FLOAT;
        Bundle bundle = load("last", model, yaml(floats ? "{mean: [1, 2, 3]}" : "{}", ""));
        assertEquals(List.of(HEIGHT, WIDTH, 3), bundle.outputs().getFirst().shape());
        byte[] image = Golden.pattern(1, HEIGHT, WIDTH);
        float[] actual = GraphRun.onPixels(bundle, image).row("output", 0);
        for (int i = 0; i < actual.length; i++) {
            assertEquals((image[i] & 0xff) - (floats ? i % 3 + 1 : 0), actual[i]);
        }
    }

    /** As D-FINE and RT-DETR ask for the size that their boxes are scaled to. */
    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void anInputBesideTheImageMayBeAConstant(int fixed) throws Exception {
        ModelProto.Builder model = TestModels.detector(17);
        GraphProto.Builder graph = model.getGraphBuilder();
        var sizes =
                Nodes.tensor(
                        "sizes",
                        DataType.INT64_VALUE,
                        TensorShapeProto.Dimension.newBuilder().setDimParam("N").build(),
                        List.of(2));
        if (fixed > 0) {
            inputShape(model).getDimBuilder(0).setDimValue(fixed);
            var open = sizes.toBuilder();
            open.getTypeBuilder()
                    .getTensorTypeBuilder()
                    .getShapeBuilder()
                    .getDimBuilder(0)
                    .setDimValue(fixed);
            sizes = open.build();
        }
        graph.addInput(sizes);
        graph.getNodeBuilder(0).setOutput(0, "unscaled");
        graph.addNode(
                Nodes.node(
                        "Cast",
                        "c",
                        List.of("sizes"),
                        List.of("size_floats"),
                        Nodes.attribute("to", DataType.FLOAT_VALUE)));
        graph.addNode(
                Nodes.node(
                        "Concat",
                        "t",
                        List.of("size_floats", "size_floats"),
                        List.of("fours"),
                        Nodes.attribute("axis", 1)));
        graph.addInitializer(
                TensorProto.newBuilder()
                        .setName("axes")
                        .setDataType(DataType.INT64_VALUE)
                        .addDims(1)
                        .addInt64Data(1));
        graph.addNode(Nodes.node("Unsqueeze", "u", List.of("fours", "axes"), List.of("scale")));
        graph.addNode(Nodes.node("Mul", "m", List.of("unscaled", "scale"), List.of("boxes")));
        String yaml = DETECTOR.replace("height: 4", "height: 4, constants: {sizes: [2, 3]}");
        Bundle bundle = load("sizes", model, yaml);
        assertEquals(Integer.MAX_VALUE, bundle.launch());
        GraphRun run = GraphRun.onPixels(bundle, first, second);
        GraphRun plain =
                GraphRun.onPixels(load("d", TestModels.detector(17), DETECTOR), first, second);
        for (int i = 0; i < 96; i++) {
            assertEquals(
                    plain.row("boxes", 1)[i] * (i % 2 == 0 ? 2 : 3), run.row("boxes", 1)[i], 1e-6);
        }
        BundleException refused =
                assertThrows(
                        BundleException.class,
                        () -> load("sizes", model, yaml.replace("[2, 3]", "[2, 3, 4]")));
        assertTrue(
                refused.getMessage().contains("input.constants.sizes: '3 numbers' must be 2"),
                refused::getMessage);
    }

    @Test
    void aNewerFileFormatIsLowered() throws Exception {
        ModelProto.Builder model = TestModels.detector(17).setIrVersion(99);
        assertEquals(2, load("new", model, DETECTOR).outputs().size());
    }

    @Test
    void aQuantizedGraphKeepsItsPrecision() throws Exception {
        ModelProto.Builder model = TestModels.identity(17, HEIGHT, WIDTH);
        GraphProto.Builder graph = model.getGraphBuilder();
        graph.clearNode();
        for (String constant : List.of("step", "zero")) {
            graph.addInitializer(
                    TensorProto.newBuilder()
                            .setName(constant)
                            .setDataType(
                                    constant.equals("step")
                                            ? DataType.FLOAT_VALUE
                                            : DataType.INT8_VALUE)
                            .setRawData(
                                    ByteString.copyFrom(
                                            constant.equals("step")
                                                    ? new byte[] {0, 0, 0, 64}
                                                    : new byte[] {0})));
        }
        List<String> by = List.of("step", "zero");
        graph.addNode(
                Nodes.node(
                        "QuantizeLinear",
                        "q",
                        List.of("input", by.get(0), by.get(1)),
                        List.of("bytes")));
        graph.addNode(
                Nodes.node(
                        "DequantizeLinear",
                        "d",
                        List.of("bytes", by.get(0), by.get(1)),
                        List.of("output")));
        Bundle bundle = load("quantized", model, yaml("{mean: 1}", ""));
        byte[] half = Files.readAllBytes(PlanGraphs.of(bundle, Precision.FP16));
        assertArrayEquals(Files.readAllBytes(PlanGraphs.of(bundle, Precision.FP32)), half);
        assertTrue(
                ModelProto.parseFrom(half).getGraph().getNodeList().stream()
                        .map(NodeProto::getOpType)
                        .anyMatch("QuantizeLinear"::equals));
    }

    /** Four scores a box, of which one stands for no label. */
    @ParameterizedTest
    @CsvSource({"first, 1", "last, 0"})
    void theBackgroundTakesItsShareAndGoes(String place, int from) throws Exception {
        String yaml =
                DETECTOR.replace("[a, b, c, d]", "[a, b, c]")
                        + "activation: softmax\nbackground: "
                        + place
                        + "\n";
        Bundle bundle = load("background", TestModels.detector(17), yaml);
        float[] logits =
                GraphRun.onPixels(load("plain", TestModels.detector(17), DETECTOR), first)
                        .row("scores", 0);
        float[] scores = GraphRun.onPixels(bundle, first).row("millrace_scores", 0);
        assertEquals(24 * 3, scores.length);
        for (int row = 0; row < 24; row++) {
            double sum = 0;
            for (int c = 0; c < 4; c++) {
                sum += Math.exp(logits[4 * row + c]);
            }
            for (int c = 0; c < 3; c++) {
                assertEquals(Math.exp(logits[4 * row + c + from]) / sum, scores[3 * row + c], 1e-5);
            }
        }
    }

    /** Of equal scores the first class has the box. */
    @Test
    void oneLabelForEachBoxIsThatOfTheFirstBestClass() throws Exception {
        Bundle bundle =
                load(
                        "best",
                        TestModels.detector(17),
                        DETECTOR + "boxLabels: best\ncandidates: 5\n");
        assertEquals(
                List.of(List.of(5, 4), List.of(5), List.of(5)),
                bundle.outputs().stream().map(TensorSpec::shape).toList());
        byte[] gray = new byte[first.length];
        GraphRun run = GraphRun.onPixels(bundle, gray, first);
        assertArrayEquals(new float[5], run.row("millrace_class", 0));
        float[] all =
                GraphRun.onPixels(load("plain", TestModels.detector(17), DETECTOR), first)
                        .row("scores", 0);
        float[] best = run.row("millrace_score", 1);
        float[] kinds = run.row("millrace_class", 1);
        for (int i = 0; i < 5; i++) {
            int place = 0;
            while (all[place] != best[i]) {
                place++;
            }
            assertEquals(place % 4, (int) kinds[i]);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {7, 9, 10, 12, 13, 17, 18, 21})
    void logitsOfAClassifierBecomeScoresInEveryOpset(int opset) throws Exception {
        ModelProto.Builder model = TestModels.identity(opset, 1, 1);
        String yaml =
                """
                kind: classifier
                input: {width: 1, height: 1}
                resize: stretch
                color: RGB
                normalize: {scale: 1/100}
                labels: [a, ~, a]
                activation: softmax
                outputs: {scores: output}
                """;
        Bundle bundle = load("logits", model, yaml);
        assertEquals(List.of(3), bundle.outputs().getFirst().shape());
        float[] scores =
                GraphRun.onPixels(bundle, new byte[] {0, 100, 50}).row("millrace_scores", 0);
        double sum = 1 + Math.exp(1) + Math.exp(0.5);
        assertArrayEquals(
                new float[] {
                    (float) (1 / sum), (float) (Math.exp(1) / sum), (float) (Math.exp(0.5) / sum)
                },
                scores,
                1e-6f);
    }

    /** Boxes as centres and sizes, in an odd order. */
    @ParameterizedTest
    @ValueSource(ints = {7, 9, 10, 12, 13, 17, 18, 21})
    void columnsAreReadInEveryOpset(int opset) throws Exception {
        String yaml = DETECTOR + "columns: [cx, h, w, cy]\nunits: fraction\nactivation: sigmoid\n";
        Bundle bundle = load("columns", TestModels.detector(opset), yaml);
        GraphRun plain =
                GraphRun.onPixels(load("plain", TestModels.detector(opset), DETECTOR), second);
        GraphRun run = GraphRun.onPixels(bundle, second);
        float[] raw = plain.row("boxes", 0);
        float[] boxes = run.row("millrace_boxes", 0);
        for (int row = 0; row < 24; row++) {
            float[] box = Arrays.copyOfRange(raw, 4 * row, 4 * row + 4);
            assertEquals(8 * (box[0] - box[2] / 2), boxes[4 * row], 1e-5);
            assertEquals(4 * (box[3] - box[1] / 2), boxes[4 * row + 1], 1e-5);
            assertEquals(8 * (box[0] + box[2] / 2), boxes[4 * row + 2], 1e-5);
            assertEquals(4 * (box[3] + box[1] / 2), boxes[4 * row + 3], 1e-5);
        }
        assertEquals(
                1 / (1 + Math.exp(-plain.row("scores", 0)[7])),
                run.row("millrace_scores", 0)[7],
                1e-6);
    }

    /** Such as the boxes before a suppression that ONNX Runtime does not know. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aRoleMayNameATensorInsideTheGraph(boolean typed) throws Exception {
        ModelProto.Builder model = TestModels.detector(17);
        GraphProto.Builder graph = model.getGraphBuilder();
        if (typed) {
            graph.addValueInfo(graph.getOutput(0));
        }
        graph.clearOutput();
        graph.addNode(
                Nodes.node(
                        "EfficientNMS_TRT", "nms", List.of("boxes", "scores"), List.of("count")));
        graph.addOutputBuilder()
                .setName("count")
                .getTypeBuilder()
                .getTensorTypeBuilder()
                .setElemType(DataType.INT32_VALUE);
        float[] expected =
                GraphRun.onPixels(load("plain", TestModels.detector(17), DETECTOR), second)
                        .row("boxes", 0);
        Bundle bundle = load("inner", model, DETECTOR);
        assertArrayEquals(expected, GraphRun.onPixels(bundle, second).row("boxes", 0));
    }
}
