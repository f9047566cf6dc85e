package dev.millrace.bundle.graph;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TypeProto;
import dev.millrace.bundle.BundleException;
import dev.millrace.bundle.Golden;
import dev.millrace.bundle.Nodes;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every mistake is one line that names the file, the key, the value and the remedy. */
class BundleMistakesTest {
    private static final String YAML =
            """
            kind: detector
            input: {width: 8, height: 4}
            resize: {letterbox: {align: center, fill: "#000000", upscale: true}}
            color: RGB
            normalize: {scale: 1/255, mean: [1, 2, 3], std: [4, 5, 6]}
            labels: [a, b, c, d]
            outputs: {boxes: boxes, scores: scores}
            thresholds: {score: 0.35}
            nms: {iou: 0.6, perClass: true}
            candidates: 7
            """;

    @TempDir private Path folder;

    @Test
    void theBundleOfThisTestIsFineAsItStands() throws Exception {
        Path bundle = TestModels.write(folder.resolve("fine"), TestModels.detector(17), YAML);
        assertDoesNotThrow(() -> Bundles.load(bundle, folder.resolve("cache")));
    }

    /** What stands in model.yaml, what is put in its place, and what the line must name. */
    static Stream<Arguments> yamlMistakes() {
        return Stream.of(
                yaml(
                        "kind: detector",
                        "kind: detecter",
                        "kind",
                        "detecter",
                        "did you mean detector"),
                yaml(
                        "kind: detector",
                        "",
                        "kind",
                        "missing",
                        "say classifier, detector, embedding, segmentation, text"),
                yaml(
                        "normalize:",
                        "normalise:",
                        "normalise",
                        "did you mean normalize",
                        "its keys are kind"),
                yaml(
                        "width: 8",
                        "widht: 8",
                        "input.widht",
                        "did you mean width",
                        "its keys are width"),
                yaml("width: 8", "width: 8.5", "input.width", "8.5", "a whole number"),
                yaml("width: 8", "width: 0", "input.width", "0", "from 1 to 8192"),
                yaml("height: 4", "height: 5", "input.height", "'5'", "set it to 4"),
                yaml(
                        "height: 4",
                        "height: 4, name: image",
                        "input.name",
                        "image",
                        "which has input"),
                yaml("color: RGB", "color: rgb", "color", "rgb", "did you mean RGB"),
                yaml("color: RGB", "color: GBR", "color", "GBR", "must be one of RGB, BGR, GRAY"),
                yaml("color: RGB", "", "color", "missing", "write RGB or BGR"),
                yaml("std: [4, 5, 6]", "std: [4, 0, 6]", "normalize.std", "[4,0,6]", "leave std"),
                yaml("std: [4, 5, 6]", "std: 0", "normalize.std", "'0'", "leave std out"),
                yaml("mean: [1, 2, 3]", "mean: [1, 2]", "normalize.mean", "[1,2]", "3 numbers"),
                yaml("scale: 1/255", "scale: 1/0", "normalize.scale", "1/0", "write it like"),
                yaml("scale: 1/255", "scale: 1e999", "normalize.scale", "Infinity", "write it"),
                yaml("scale: 1/255", "scale: .inf", "line 5", ".inf", "correct the line"),
                yaml("[a, b, c, d]", "[a, b, c]", "labels", "3 labels", "must be 4"),
                yaml("[a, b, c, d]", "[~, ~, ~, ~]", "labels", "names no class"),
                yaml("[a, b, c, d]", "[a, b, c, ]", "labels", "3 labels", "correct the list"),
                yaml(
                        "[a, b, c, d]",
                        "[a, {b: c}]",
                        "labels[1]",
                        "{\"b\":\"c\"}",
                        "write a word, or ~"),
                yaml("[a, b, c, d]", "classes.txt", "labels", "classes.txt", "put a UTF-8 file"),
                yaml("labels: [a, b, c, d]", "", "labels", "missing", "list the classes"),
                yaml("boxes: boxes", "boxes: box", "outputs.boxes", "'box'", "did you mean boxes"),
                yaml("boxes: boxes, ", "", "outputs.boxes", "missing", "name the graph's output"),
                yaml("boxes: boxes", "boxs: boxes", "outputs.boxs", "boxs", "did you mean boxes"),
                yaml("score: 0.35", "score: 35", "thresholds.score", "35", "from 0.0 to 1.0"),
                yaml("score: 0.35", "scores: 0.35", "thresholds.scores", "scores", "mean score"),
                yaml("iou: 0.6", "iou: much", "nms.iou", "much", "write it like 0.5"),
                yaml("perClass: true", "perClass: maybe", "nms.perClass", "maybe", "true or false"),
                yaml("candidates: 7", "candidates: 25", "candidates", "25", "smaller number"),
                yaml("candidates: 7", "candidates: few", "candidates", "few", "a whole number"),
                yaml(
                        "height: 4",
                        "height: 4, constants: {inpt: [1]}",
                        "input.constants.inpt",
                        "did you mean input",
                        "which has input"),
                yaml(
                        "height: 4",
                        "height: 4, constants: {input: many}",
                        "input.constants.input",
                        "many",
                        "write it like 0.5"),
                yaml(
                        "candidates: 7",
                        "columns: [cx, cy, w, hight]",
                        "columns",
                        "hight",
                        "must be words of x1"),
                yaml("candidates: 7", "columns: [cx, cy, w]", "columns", "place a box by four"),
                yaml("candidates: 7", "columns: [x1, cy, w, w]", "columns", "twice"),
                yaml(
                        "candidates: 7",
                        "columns: [cx, cy, w, h, scores]",
                        "columns",
                        "coordinates only"),
                yaml("candidates: 7", "units: percent", "units", "percent", "pixels, fraction"),
                yaml("candidates: 7", "activation: relu", "activation", "relu", "softmax"),
                yaml("candidates: 7", "boxLabels: all", "boxLabels", "all", "best, every"),
                yaml("candidates: 7", "background: last", "outputs.scores", "and the background"),
                yaml(
                        "candidates: 7",
                        "grid: [2]\ncolumns: [cx, cy, w, h]",
                        "grid",
                        "8 cells",
                        "24 boxes"),
                yaml("candidates: 7", "grid: [2]", "grid", "[2]", "needs columns"),
                yaml(
                        "{boxes: boxes, scores: scores}",
                        "{detections: boxes}",
                        "columns",
                        "missing",
                        "list what a row"),
                yaml(
                        "{boxes: boxes, scores: scores}",
                        "{detections: boxes, scores: scores}",
                        "outputs.detections",
                        "does not go with"),
                resize("{crop: 7}", "resize.crop", "'7'", "from 8 to", "write {shortSide: 200"),
                resize("{crop: {shortSide: 6}}", "resize.crop.fill", "missing", "a colour"),
                resize("{crop: {fill: \"#000000\"}}", "resize.crop.shortSide", "missing"),
                resize("{stretch: {width: 7, height: 9}}", "resize.stretch.width", "from 8 to"),
                resize("{stretch: {width: 9}}", "resize.stretch.height", "at least 4"),
                resize("{stretch: 9}", "resize.stretch", "a mapping with width, height"),
                resize("{border: {width: 9}}", "resize.border.height", "missing", "whole number"),
                resize("{border: {width: 9, height: 0}}", "resize.border.height", "'0'"),
                resize("{letterbox: {shortSide: 0}}", "resize.letterbox.shortSide", "from 1"),
                resize("{crop: 9, letterbox: {}}", "resize", "must be stretch, {stretch: {width"),
                yaml("color: RGB", "color: RGB\nfilter: lanczos", "filter", "bilinear, bicubic"),
                yaml("color: RGB", "color: RGB\nfilter: bicubc", "filter", "did you mean bicubic"),
                yaml("color: RGB", "color: GRAY", "normalize.std", "must be one number"),
                yaml("align: center", "align: centre", "align", "centre", "did you mean center"),
                yaml("\"#000000\"", "black", "resize.letterbox.fill", "black", "#7f7f7f"),
                yaml(
                        "{letterbox: {",
                        "{squeeze: {",
                        "resize.squeeze",
                        "squeeze",
                        "stretch, crop, letterbox, border"),
                yaml("kind: detector", "kind: text", "labels", "[\"a\"", "remove it"),
                yaml(
                        "kind: detector",
                        "color: BGR\nkind: detector",
                        "line",
                        "color",
                        "given twice"),
                yaml("nms: {iou: 0.6", "nms: [iou: 0.6", "line", "is never closed", "close it"));
    }

    private static Arguments resize(String value, String... named) {
        int at = YAML.indexOf("resize: ") + "resize: ".length();
        return yaml(YAML.substring(at, YAML.indexOf('\n', at)), value, named);
    }

    private static Arguments yaml(String from, String to, String... named) {
        return arguments(from, to, named);
    }

    @ParameterizedTest
    @MethodSource("yamlMistakes")
    void aMistakeInModelYamlIsOneLine(String from, String to, String[] named) throws Exception {
        assertTrue(YAML.contains(from), from);
        Path bundle =
                TestModels.write(
                        folder.resolve("broken"), TestModels.detector(17), YAML.replace(from, to));
        assertOneLine(bundle, "model.yaml", named);
    }

    static Stream<Arguments> modelMistakes() {
        return Stream.of(
                model(
                        type(TensorProto.DataType.STRING),
                        "input 'input'",
                        "string",
                        "float32, float16 or uint8"),
                model(shape(0, 4, 4, 8), "input 'input'", "[N, 4, 4, 8]", "three channels"),
                model(shape(0, 12, 8), "input 'input'", "[N, 12, 8]", "must be [N, 3, H, W]"),
                model(secondInput(), "inputs", "[input, other]", "input.constants"),
                model(externalWeights("w"), "weights shape", "'w'", "model's folder"),
                model(externalWeights("../w"), "weights shape", "'../w'", "model's folder"),
                model(externalWeights("model.yaml"), "weights shape", "'model.yaml'", "copy"),
                model(newOpset(), "opset", "'99'", "newer than", "export the model with opset 2"),
                model(blindToTheSecond(), "output 'boxes'", "second image", "dynamic batch"),
                model(unknownOperator(), "graph", "Frobnicate", "standard operators"),
                model(oldOpset(), "opset", "'6'", "convert it to opset 17"),
                model(grafted(), "tensor", "millrace_float", "as it was exported"),
                model(
                        ModelProto.Builder::clearGraph,
                        "model.onnx",
                        "bytes",
                        "export the model again"));
    }

    private static Arguments model(Consumer<ModelProto.Builder> mistake, String... named) {
        return arguments(mistake, named);
    }

    @ParameterizedTest
    @MethodSource("modelMistakes")
    void aMistakeInTheGraphIsOneLine(Consumer<ModelProto.Builder> mistake, String[] named)
            throws Exception {
        ModelProto.Builder model = TestModels.detector(17);
        mistake.accept(model);
        assertOneLine(TestModels.write(folder.resolve("broken"), model, YAML), "model.onnx", named);
    }

    @Test
    void whatIsMissingIsNamed() throws Exception {
        Path bundle = TestModels.write(folder.resolve("broken"), TestModels.detector(17), YAML);
        assertOneLine(folder.resolve("nowhere"), "nowhere", "bundle", "give one that holds");
        Files.delete(bundle.resolve("model.onnx"));
        assertOneLine(bundle, "broken/model.onnx", "missing", "put the exported model beside");
        Files.delete(bundle.resolve("model.yaml"));
        assertOneLine(bundle, "broken/model.yaml", "missing", "docs/bundles.md");
    }

    @Test
    void bytesThatAreNoModelAreNamed() throws Exception {
        Path bundle = TestModels.write(folder.resolve("broken"), TestModels.detector(17), YAML);
        for (String text : List.of("", "<html>404</html>", "\0\0\0\0\0\0\0\0", "x".repeat(999))) {
            Files.writeString(bundle.resolve("model.onnx"), text);
            assertOneLine(
                    bundle, "model.onnx", text.length() + " bytes", "not an ONNX model", "export");
        }
    }

    @Test
    void aKindMayNotDeclareWhatItHasNoUseFor() throws Exception {
        Path colors = Golden.TEST_ENGINES.resolve("colors");
        assertOneLine(
                Golden.copy(colors, folder.resolve("a"), "labels:", "thresholds: {s: 1}\nlabels:"),
                "model.yaml",
                "thresholds.s",
                "its keys are score, ");
        assertOneLine(
                Golden.copy(colors, folder.resolve("c"), "labels:", "options: {s: 1}\nlabels:"),
                "model.yaml",
                "options",
                "{\"s\":1}",
                "remove it");
        assertOneLine(
                Golden.copy(colors, folder.resolve("d"), "labels:", "pool: mean\nlabels:"),
                "model.yaml",
                "pool",
                "kind embedding only");
        assertOneLine(
                Golden.copy(colors, folder.resolve("b"), "labels:", "candidates: 5\nlabels:"),
                "model.yaml",
                "candidates",
                "'5'",
                "remove it");
    }

    @Test
    void aShapeThatDoesNotFitItsRoleIsNamed() throws Exception {
        String text =
                """
                kind: text
                input: {width: 8, height: 4}
                resize: stretch
                color: RGB
                normalize: {}
                outputs: {map: output}
                """;
        assertOneLine(
                TestModels.write(folder.resolve("t"), TestModels.identity(17, 4, 8), text),
                "model.yaml",
                "outputs.map",
                "output [3, 4, 8]",
                "must be [1, H, W]");
        assertOneLine(
                TestModels.write(
                        folder.resolve("c"),
                        TestModels.identity(17, 4, 8),
                        text.replace("kind: text", "kind: classifier\nlabels: [x]")
                                .replace("map:", "scores:")),
                "model.yaml",
                "outputs.scores",
                "output [3, 4, 8]",
                "must be [classes]");
    }

    @Test
    void aCacheThatCannotBeWrittenIsNamed() throws Exception {
        Path file = Files.writeString(folder.resolve("file"), "in the way");
        BundleException mistake =
                assertThrows(
                        BundleException.class,
                        () ->
                                Bundles.load(
                                        Golden.TEST_ENGINES.resolve("colors"),
                                        file.resolve("cache")));
        assertTrue(mistake.getMessage().contains("MILLRACE_CACHE"), mistake.getMessage());
    }

    private void assertOneLine(Path bundle, String file, String... named) {
        BundleException mistake =
                assertThrows(
                        BundleException.class, () -> Bundles.load(bundle, folder.resolve("cache")));
        String message = mistake.getMessage();
        assertEquals(1, message.lines().count(), message);
        assertTrue(message.substring(0, message.indexOf(": ")).contains(file), message);
        for (String part : named) {
            assertTrue(message.contains(part), () -> "no '" + part + "' in: " + message);
        }
    }

    private static TypeProto.Tensor.Builder input(ModelProto.Builder model) {
        return model.getGraphBuilder().getInputBuilder(0).getTypeBuilder().getTensorTypeBuilder();
    }

    private static Consumer<ModelProto.Builder> type(TensorProto.DataType type) {
        return model -> input(model).setElemType(type.getNumber());
    }

    private static Consumer<ModelProto.Builder> shape(int... dimensions) {
        return model -> {
            var shape = input(model).getShapeBuilder().clearDim();
            for (int dimension : dimensions) {
                if (dimension == 0) {
                    shape.addDimBuilder().setDimParam("N");
                } else {
                    shape.addDimBuilder().setDimValue(dimension);
                }
            }
        };
    }

    private static Consumer<ModelProto.Builder> secondInput() {
        return model -> model.getGraphBuilder().addInputBuilder().setName("other");
    }

    private static Consumer<ModelProto.Builder> externalWeights(String location) {
        return model ->
                model.getGraphBuilder()
                        .getInitializerBuilder(0)
                        .setDataLocation(TensorProto.DataLocation.EXTERNAL)
                        .addExternalData(entry("location", location))
                        .addExternalData(entry("offset", "4096"))
                        .addExternalData(entry("length", "24"));
    }

    private static StringStringEntryProto entry(String key, String value) {
        return StringStringEntryProto.newBuilder().setKey(key).setValue(value).build();
    }

    private static Consumer<ModelProto.Builder> newOpset() {
        return model -> model.getOpsetImportBuilder(0).setVersion(99);
    }

    /** Each image of a batch gets the first one's boxes. */
    private static Consumer<ModelProto.Builder> blindToTheSecond() {
        return model -> {
            var graph = model.getGraphBuilder();
            graph.getNodeBuilder(0).setOutput(0, "right");
            graph.addInitializer(vector("zero", 0)).addInitializer(vector("one", 1));
            graph.addNode(Nodes.node("Slice", "s", List.of("right", "zero", "one"), List.of("a")));
            graph.addNode(Nodes.node("Shape", "z", List.of("right"), List.of("sizes")));
            graph.addNode(Nodes.node("Expand", "e", List.of("a", "sizes"), List.of("boxes")));
        };
    }

    private static TensorProto vector(String name, long value) {
        return TensorProto.newBuilder()
                .setName(name)
                .setDataType(TensorProto.DataType.INT64_VALUE)
                .addDims(1)
                .addInt64Data(value)
                .build();
    }

    private static Consumer<ModelProto.Builder> unknownOperator() {
        return model -> model.getGraphBuilder().getNodeBuilder(0).setOpType("Frobnicate");
    }

    private static Consumer<ModelProto.Builder> oldOpset() {
        return model -> model.getOpsetImportBuilder(0).setVersion(6);
    }

    private static Consumer<ModelProto.Builder> grafted() {
        return model ->
                model.getGraphBuilder()
                        .addNode(
                                NodeProto.newBuilder()
                                        .setOpType("Identity")
                                        .addInput("input")
                                        .addOutput("millrace_float"));
    }
}
