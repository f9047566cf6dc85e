package dev.millrace.lab.imports;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import dev.millrace.lab.Laboratory;
import dev.millrace.modules.Relaid;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** Bundles made of the shipped models, dressed as other people's exports. */
class ImportCommandTest {
    private static final String WREN =
            "src/main/resources/dev/millrace/verify/photos/exact-416x416-wren.png";

    @TempDir private Path folder;
    private Path source;
    private Path bundle;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @BeforeEach
    void folders() throws Exception {
        source = Files.createDirectory(folder.resolve("source"));
        bundle = folder.resolve("made");
    }

    private int run(Path model, String... options) {
        List<String> all = new ArrayList<>(List.of("engine", "import", model.toString()));
        all.addAll(List.of("--output", bundle.toString(), "--check", WREN));
        all.addAll(List.of(options));
        CommandLine commands = Laboratory.commands();
        commands.setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
        return commands.execute(all.toArray(String[]::new));
    }

    private String yaml() throws Exception {
        return Files.readString(bundle.resolve("model.yaml"));
    }

    private void assertYaml(String... lines) throws Exception {
        String yaml = yaml();
        for (String line : lines) {
            assertTrue(yaml.contains("\n" + line), () -> line + " is not in\n" + yaml);
        }
    }

    static ModelProto shipped(String engine) throws Exception {
        return ModelProto.parseFrom(Files.readAllBytes(Path.of("engines", engine, "model.onnx")));
    }

    private Path write(ModelProto model) throws Exception {
        return Files.write(source.resolve("net.onnx"), model.toByteArray());
    }

    private static ModelProto with(ModelProto model, String... metadata) {
        ModelProto.Builder changed = model.toBuilder();
        for (int i = 0; i < metadata.length; i += 2) {
            changed.addMetadataProps(
                    StringStringEntryProto.newBuilder()
                            .setKey(metadata[i])
                            .setValue(metadata[i + 1]));
        }
        return changed.build();
    }

    static ModelProto transposed() throws Exception {
        Relaid graph = new Relaid(shipped("objects"));
        List<String> box = graph.centres();
        String rows = graph.concat(box.get(0), box.get(1), box.get(2), box.get(3), "scores");
        graph.named(graph.turned(rows), "output0");
        ModelProto.Builder model = graph.with("output0").toBuilder();
        var shape =
                model.getGraphBuilder()
                        .getOutputBuilder(0)
                        .getTypeBuilder()
                        .getTensorTypeBuilder()
                        .getShapeBuilder();
        shape.addDimBuilder().setDimParam("batch");
        shape.addDimBuilder().setDimValue(84);
        shape.addDimBuilder().setDimValue(3549);
        return model.build();
    }

    private static String names() {
        StringBuilder names = new StringBuilder("{");
        for (int i = 0; i < 80; i++) {
            names.append(i).append(": ").append(i == 3 ? "\"motor's bike\"" : "'thing " + i + "'");
            names.append(i < 79 ? ", " : "}");
        }
        return names.toString();
    }

    @Test
    void anExportOfUltralyticsSaysEverything() throws Exception {
        Path model =
                write(
                        with(
                                transposed(),
                                "names",
                                names(),
                                "stride",
                                "32",
                                "task",
                                "detect",
                                "imgsz",
                                "[416, 416]",
                                "license",
                                "AGPL-3.0 License"));
        assertEquals(0, run(model), err::toString);
        assertYaml(
                "kind: detector",
                "input: {width: 416, height: 416}",
                "resize: {letterbox: {fill: \"#727272\"}}",
                "color: RGB",
                "normalize: {scale: 1/255}",
                "outputs: {detections: output0}",
                "columns: [cx, cy, w, h, scores]",
                "boxLabels: best",
                "candidates: 300",
                "    \"thing 0\", \"thing 1\", \"thing 2\", \"motor's bike\",",
                "# Licence of the model: AGPL-3.0 License");
        assertTrue(out.toString().contains("the model's licence: AGPL-3.0"), out::toString);
        assertTrue(out.toString().contains("exact-416x416-wren.png: "), out::toString);
    }

    @Test
    void anotherTaskOfUltralyticsIsRefused() throws Exception {
        Path model = write(with(transposed(), "names", names(), "stride", "32", "task", "pose"));
        assertEquals(2, run(model));
        assertTrue(err.toString().contains("the model's task is 'pose'"), err::toString);
        assertFalse(Files.exists(bundle));
    }

    @Test
    void aClassifierOfHuggingFaceIsDescribedByItsFiles() throws Exception {
        write(shipped("safety"));
        Files.writeString(
                source.resolve("config.json"),
                """
                {"architectures": ["MobileNetV2ForImageClassification"], "model_type": "mobilenet_v2",
                 "id2label": {"0": "a", "1": "b", "2": "yes", "4": "null"}}
                """);
        Files.writeString(
                source.resolve("preprocessor_config.json"),
                """
                {"crop_size": {"height": 224, "width": 224}, "do_center_crop": true, "do_normalize": true,
                 "do_rescale": true, "image_mean": [0.5, 0.5, 0.5], "image_std": [0.5, 0.5, 0.25],
                 "resample": 3, "rescale_factor": 0.00392156862745098, "size": {"shortest_edge": 256}}
                """);
        Files.writeString(
                source.resolve("README.md"), "---\nlicense: apache-2.0\n---\n# A model\n");
        Files.writeString(source.resolve("LICENSE"), "Apache License");
        assertEquals(0, run(source), err::toString);
        assertYaml(
                "kind: classifier",
                "resize: {crop: 256}",
                "filter: bicubic",
                "color: RGB",
                "normalize: {scale: 1/255, mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.25]}",
                "activation: none",
                "labels: [a, b, \"yes\", ~, \"null\"]",
                "# Licence of the model: apache-2.0");
        assertFalse(yaml().contains("# Note:"), yaml());
        assertTrue(Files.exists(bundle.resolve("LICENSE")));
    }

    @Test
    void aDetectorOfHuggingFaceIsDescribedByItsFiles() throws Exception {
        Relaid graph = new Relaid(shipped("objects"));
        graph.named(
                graph.times(graph.concat(graph.centres().toArray(String[]::new)), 1.0 / 416),
                "pred_boxes");
        graph.named(graph.logits("scores"), "logits");
        ModelProto.Builder model = graph.with("logits", "pred_boxes").toBuilder();
        for (int i = 0; i < 2; i++) {
            var shape =
                    model.getGraphBuilder()
                            .getOutputBuilder(i)
                            .getTypeBuilder()
                            .getTensorTypeBuilder()
                            .getShapeBuilder();
            shape.addDimBuilder().setDimParam("batch");
            shape.addDimBuilder().setDimValue(3549);
            shape.addDimBuilder().setDimValue(i == 0 ? 80 : 4);
        }
        Path onnx = Files.createDirectory(source.resolve("onnx"));
        Files.write(onnx.resolve("model.onnx"), model.build().toByteArray());
        StringBuilder labels = new StringBuilder();
        for (int i = 0; i < 80; i++) {
            labels.append(i == 0 ? "" : ",").append("\"%d\": \"t%d\"".formatted(i, i));
        }
        Files.writeString(
                source.resolve("config.json"),
                """
                {"architectures": ["RTDetrForObjectDetection"], "model_type": "rt_detr", "id2label": {%s}}
                """
                        .formatted(labels));
        Files.writeString(
                source.resolve("preprocessor_config.json"),
                """
                {"do_normalize": false, "do_rescale": true, "size": {"height": 416, "width": 416}}
                """);
        assertEquals(0, run(source, "--color", "BGR"), err::toString);
        assertYaml(
                "kind: detector",
                "resize: stretch",
                "color: BGR",
                "normalize: {scale: 1/255}",
                "outputs: {boxes: pred_boxes, scores: logits}",
                "columns: [cx, cy, w, h]",
                "units: fraction",
                "activation: sigmoid");
        assertTrue(yaml().contains("# the option --color"), yaml());
    }

    @Test
    void timmSaysHowItCrops() throws Exception {
        write(shipped("safety"));
        Files.writeString(
                source.resolve("config.json"),
                """
                {"architecture": "mobilenetv2_100", "num_classes": 5, "label_names": ["a", "b", "c", "d", "e"],
                 "pretrained_cfg": {"input_size": [3, 224, 224], "interpolation": "bicubic", "crop_pct": 0.875,
                 "crop_mode": "center", "mean": [0.485, 0.456, 0.406], "std": [0.229, 0.224, 0.225],
                 "license": "bsd-3-clause"}}
                """);
        assertEquals(0, run(source.resolve("net.onnx")), err::toString);
        assertYaml(
                "resize: {crop: 256}",
                "filter: bicubic",
                "activation: none",
                "labels: [a, b, c, d, e]",
                "# Licence of the model: bsd-3-clause");
        assertFalse(out.toString().contains("note: "), out::toString);
    }

    /** What stands in pretrained_cfg, and what is written of it. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "'crop_pct': 0.875, 'crop_mode': 'squash' | resize: {stretch: {width: 256, height: 256}}",
                "'crop_pct': 1.0, 'crop_mode': 'squash' | resize: stretch",
                "'crop_pct': 0.9, 'crop_mode': 'border' | resize: {border: {width: 248, height: 248, fill: \"#7c7468\"}}",
                "'crop_pct': 1.12, 'crop_mode': 'center' | resize: {crop: {shortSide: 199, fill: \"#000000\"}}",
                "'interpolation': 'bilinear' | resize: {crop: 256}",
                "'interpolation': 'lanczos' | # Note: the model was trained on images that were resized with the filter 'lanczos'"
            })
    void timmsWaysOfCroppingAreKept(String said, String line) throws Exception {
        write(shipped("safety"));
        Files.writeString(
                source.resolve("config.json"),
                """
                {"num_classes": 5, "label_names": ["a", "b", "c", "d", "e"], "pretrained_cfg": {%s,
                 "input_size": [3, 224, 224], "mean": [0.485, 0.456, 0.406], "std": [1, 1, 1]}}
                """
                        .formatted(said.replace('\'', '"')));
        assertEquals(0, run(source), err::toString);
        assertYaml(line);
        assertEquals(!said.contains("interpolation"), yaml().contains("\nfilter: bicubic"), yaml());
    }

    /** What stands in preprocessor_config.json, and what is written of it. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "'do_center_crop': true, 'crop_size': {'height': 224, 'width': 224}, 'size': {'height': 256, 'width': 240} | resize: {stretch: {width: 240, height: 256}}",
                "'do_center_crop': true, 'crop_size': {'height': 224, 'width': 224}, 'size': {'height': 224, 'width': 224} | resize: stretch",
                "'do_center_crop': true, 'crop_size': {'height': 224, 'width': 224}, 'size': {'shortest_edge': 200} | resize: {crop: {shortSide: 200, fill: \"#000000\"}}",
                "'crop_pct': 0.875, 'size': {'shortest_edge': 224} | resize: {crop: 256}",
                "'crop_pct': 0.875, 'size': {'shortest_edge': 384} | resize: stretch",
                "'size': {'longest_edge': 224} | resize: {letterbox: {align: top_left}}",
                "'resample': 3, 'size': {'height': 224, 'width': 224} | filter: bicubic",
                "'resample': 1, 'size': {'height': 224, 'width': 224} | # Note: the model was trained on images that were resized with the filter 'lanczos'",
            })
    void waysOfResizingOfHuggingFaceAreKept(String said, String line) throws Exception {
        write(shipped("safety"));
        Files.writeString(
                source.resolve("config.json"),
                """
                {"architectures": ["ViTForImageClassification"],
                 "id2label": {"0": "a", "1": "b", "2": "c", "3": "d", "4": "e"}}
                """);
        Files.writeString(
                source.resolve("preprocessor_config.json"),
                "{\"image_mean\": [0.5, 0.5, 0.5], \"image_std\": [0.5, 0.5, 0.5], %s}"
                        .formatted(said.replace('\'', '"')));
        assertEquals(0, run(source), err::toString);
        assertYaml(line);
    }

    @Test
    void oneChannelIsSeenInTheGraph() throws Exception {
        ModelProto.Builder model = shipped("safety").toBuilder();
        var graph = model.getGraphBuilder();
        String input = graph.getInput(0).getName();
        graph.addNode(
                0,
                NodeProto.newBuilder()
                        .setOpType("Concat")
                        .addAllInput(List.of("gray", "gray", "gray"))
                        .addOutput(input)
                        .addAttribute(
                                AttributeProto.newBuilder()
                                        .setName("axis")
                                        .setType(AttributeProto.AttributeType.INT)
                                        .setI(1)));
        graph.getInputBuilder(0)
                .setName("gray")
                .getTypeBuilder()
                .getTensorTypeBuilder()
                .getShapeBuilder()
                .getDimBuilder(1)
                .setDimValue(1);
        Path labels = Files.writeString(source.resolve("l.txt"), "a\nb\nc\nd\ne\n");
        Path net = write(model.build());
        assertEquals(
                0,
                run(
                        net,
                        "--kind",
                        "classifier",
                        "--labels",
                        labels.toString(),
                        "--resize",
                        "stretch",
                        "--filter",
                        "bicubic",
                        "--normalize",
                        "{scale: 1/255, mean: [0.5]}"),
                err::toString);
        assertYaml("color: GRAY", "filter: bicubic");
        assertTrue(out.toString().contains("exact-416x416-wren.png: "), out::toString);
        assertEquals(2, run(net, "--force", "--preset", "imagenet", "--labels", labels.toString()));
        assertTrue(err.toString().contains("one number, since there is one"), err::toString);
    }

    @Test
    void theModelApiOfOpenVinoSaysNearlyEverything() throws Exception {
        Path model =
                write(
                        with(
                                shipped("safety"),
                                "model_info model_type",
                                "Classification",
                                "model_info labels",
                                "a b c d e",
                                "model_info resize_type",
                                "fit_to_window_letterbox",
                                "model_info pad_value",
                                "114",
                                "model_info interpolation_type",
                                "CUBIC",
                                "model_info reverse_input_channels",
                                "True",
                                "model_info mean_values",
                                "[123.675 116.28 103.53]",
                                "model_info scale_values",
                                "58.395 57.12 57.375"));
        assertEquals(0, run(model), err::toString);
        assertYaml(
                "kind: classifier",
                "resize: {letterbox: {fill: \"#727272\"}}",
                "filter: bicubic",
                "color: RGB",
                "normalize: {mean: [123.675, 116.28, 103.53], std: [58.395, 57.12, 57.375]}",
                "activation: none",
                "labels: [a, b, c, d, e]");
    }

    @Test
    void theCropOfOpenVinoIsKept() throws Exception {
        Path model =
                write(
                        with(
                                shipped("safety"),
                                "model_info model_type",
                                "Classification",
                                "model_info labels",
                                "a b c d e",
                                "model_info interpolation_type",
                                "NEAREST",
                                "model_info resize_type",
                                "crop"));
        assertEquals(0, run(model), err::toString);
        assertYaml("resize: {crop: 224}");
        assertTrue(out.toString().contains("with the filter 'nearest'"), out::toString);
    }

    @Test
    void clipIsBicubic() throws Exception {
        Path model = write(shipped("safety"));
        assertEquals(0, run(model, "--preset", "clip", "--kind", "embedding"), err::toString);
        assertYaml("kind: embedding", "resize: {crop: 224}", "filter: bicubic");
        assertFalse(out.toString().contains("note: "), out::toString);
    }

    @Test
    void aBareGraphIsAskedAbout() throws Exception {
        Path model = write(shipped("safety"));
        assertEquals(2, run(model));
        List<String> asked = err.toString().lines().toList();
        assertEquals(4, asked.size(), err::toString);
        assertTrue(asked.get(0).startsWith("millrace: kind: cannot be known; --preset"));
        assertTrue(err.toString().contains("color: cannot be known; --color says"), err::toString);
        assertFalse(Files.exists(bundle));
    }

    @Test
    void aPresetAndTheLabelsAreEnough() throws Exception {
        Path model = write(shipped("safety"));
        Path labels = Files.writeString(source.resolve("l.txt"), "a\nb\n~\nd\ne\n");
        assertEquals(
                0,
                run(model, "--preset", "imagenet", "--labels", labels.toString()),
                err::toString);
        assertYaml(
                "kind: classifier",
                "resize: {crop: 256}",
                "color: RGB",
                "normalize: {scale: 1/255, mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225]}",
                "activation: none",
                "labels: [a, b, ~, d, e]");
        assertEquals(2, run(model, "--preset", "imagenet", "--labels", labels.toString()));
        assertTrue(err.toString().contains("give --force"), err::toString);
        assertEquals(2, run(model, "--preset", "imagnet"));
        assertTrue(err.toString().contains("imagenet, clip, yolo or coco"), err::toString);
        Files.writeString(labels, "a\nb\n");
        assertEquals(
                2, run(model, "--force", "--preset", "imagenet", "--labels", labels.toString()));
        assertTrue(
                err.toString()
                        .contains("labels: the file l.txt has 2, and output 'output' gives 5"),
                err::toString);
    }

    /** The 1,000 classes of ImageNet are named, and one class more is TensorFlow's for nothing. */
    @ParameterizedTest
    @ValueSource(ints = {1000, 1001})
    void thePresetOfImageNetKnowsItsLabels(int classes) throws Exception {
        Path made = folder.resolve("random");
        int end =
                Laboratory.commands()
                        .execute(
                                ("engine generate " + made + " --classes " + classes + " --width 8")
                                        .split(" "));
        assertEquals(0, end);
        Files.move(made.resolve("model.onnx"), source.resolve("resnet50.onnx"));
        assertEquals(
                0, run(source.resolve("resnet50.onnx"), "--preset", "imagenet"), err::toString);
        assertYaml("labels: labels.txt ");
        List<String> labels = Files.readAllLines(bundle.resolve("labels.txt"));
        assertEquals(classes, labels.size());
        int first = classes - 1000;
        assertEquals("tench", labels.get(first));
        assertEquals("golden retriever", labels.get(first + 207));
        assertEquals("toilet tissue", labels.getLast());
    }

    @Test
    void aYoloWithoutMetadataIsKnownByItsShape() throws Exception {
        Path model = write(transposed());
        assertEquals(0, run(model, "--preset", "coco"), err::toString);
        assertYaml(
                "input: {width: 416, height: 416}",
                "columns: [cx, cy, w, h, scores]",
                "    person, bicycle, car,");
    }

    @Test
    void weightsBesideTheModelComeAlong() throws Exception {
        ModelProto.Builder model = shipped("safety").toBuilder();
        TensorProto.Builder weights = null;
        for (TensorProto.Builder tensor : model.getGraphBuilder().getInitializerBuilderList()) {
            if (tensor.hasRawData() && tensor.getRawData().size() > 1000 && weights == null) {
                weights = tensor;
            }
        }
        Files.write(source.resolve("net.onnx.data"), weights.getRawData().toByteArray());
        weights.clearRawData()
                .setDataLocation(TensorProto.DataLocation.EXTERNAL)
                .addExternalData(
                        StringStringEntryProto.newBuilder()
                                .setKey("location")
                                .setValue("net.onnx.data"));
        Path labels = Files.writeString(source.resolve("l.txt"), "a\nb\nc\nd\ne\n");
        Path net = write(model.build());
        assertEquals(
                0, run(net, "--preset", "imagenet", "--labels", labels.toString()), err::toString);
        assertTrue(Files.exists(bundle.resolve("net.onnx.data")));
        Files.delete(source.resolve("net.onnx.data"));
        assertEquals(2, run(net, "--force", "--preset", "imagenet", "--labels", labels.toString()));
        assertTrue(
                err.toString().contains("'net.onnx.data' is the file that holds them"),
                err::toString);
    }

    /** As exports of Caffe2 take the shape of a Reshape. */
    @Test
    void inputsBesideTheImageAreAskedAbout() throws Exception {
        ModelProto.Builder model = shipped("safety").toBuilder();
        model.getGraphBuilder()
                .addInputBuilder()
                .setName("DUMMY")
                .getTypeBuilder()
                .getTensorTypeBuilder()
                .setElemType(TensorProto.DataType.INT64_VALUE)
                .getShapeBuilder()
                .addDimBuilder()
                .setDimValue(2);
        Path labels = Files.writeString(source.resolve("l.txt"), "a\nb\nc\nd\ne\n");
        Path net = write(model.build());
        assertEquals(2, run(net, "--preset", "imagenet", "--labels", labels.toString()));
        assertTrue(
                err.toString().contains("constants: cannot be known; the model has inputs beside"),
                err::toString);
        assertEquals(
                0,
                run(
                        net,
                        "--preset",
                        "imagenet",
                        "--labels",
                        labels.toString(),
                        "--constants",
                        "{DUMMY: [1, 5]}"),
                err::toString);
        assertYaml("input: {width: 224, height: 224, constants: {DUMMY: [1, 5]}}");
    }

    @Test
    void wrongFilesAreOneLine() throws Exception {
        assertEquals(2, run(source));
        assertTrue(err.toString().contains("has no ONNX file; name one"), err::toString);
        Path text = Files.writeString(source.resolve("a.onnx"), "<html>");
        assertEquals(2, run(text));
        assertTrue(err.toString().contains("is not an ONNX model"), err::toString);
        write(shipped("safety"));
        assertEquals(2, run(source));
        assertTrue(err.toString().contains("has 2 ONNX files (a.onnx, net.onnx)"), err::toString);
        Files.delete(text);
        Files.writeString(source.resolve("config.json"), "{\"a\": ");
        assertEquals(2, run(source));
        assertTrue(err.toString().contains("config.json: is not JSON"), err::toString);
        assertEquals(2, run(source.resolve("none.onnx")));
        assertTrue(err.toString().contains("none.onnx' does not exist"), err::toString);
        assertTrue(
                err.toString().lines().allMatch(line -> line.startsWith("millrace: ")),
                err::toString);
    }
}
