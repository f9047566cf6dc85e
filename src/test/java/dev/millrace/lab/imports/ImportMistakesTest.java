package dev.millrace.lab.imports;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorShapeProto.Dimension;
import dev.millrace.bundle.Nodes;
import dev.millrace.lab.Laboratory;
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
import picocli.CommandLine;

/**
 * What a newcomer gives {@code engine import} by mistake: one line that says what to do, exit code
 * 2, and nothing written, so that the same command with the mistake mended works.
 */
class ImportMistakesTest {
    @TempDir private Path folder;
    private Path source;
    private Path bundle;
    private Path net;
    private Path labels;

    @BeforeEach
    void model() throws Exception {
        source = Files.createDirectory(folder.resolve("source"));
        bundle = folder.resolve("bundles/made");
        net = source.resolve("net.onnx");
        Files.write(net, ImportCommandTest.shipped("safety").toByteArray());
        labels = Files.writeString(folder.resolve("labels.txt"), "a\nb\nc\nd\ne\n");
    }

    private record End(int code, String out, String err) {}

    private End run(Path model, String... options) {
        List<String> all = new ArrayList<>(List.of("engine", "import", model.toString()));
        all.addAll(List.of(options));
        if (!all.contains("--output")) {
            all.addAll(List.of("--output", bundle.toString()));
        }
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        CommandLine commands = Laboratory.commands();
        commands.setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
        int code = commands.execute(all.toArray(String[]::new));
        return new End(code, out.toString(), err.toString());
    }

    private String refused(Path model, String... options) throws Exception {
        End end = run(model, options);
        assertEquals(2, end.code(), end::err);
        assertEquals(1, end.err().lines().count(), end::err);
        assertTrue(end.err().startsWith("millrace: "), end::err);
        assertEquals("", end.out());
        assertFalse(Files.exists(bundle), "a bundle is left");
        Path parent = bundle.getParent();
        if (Files.exists(parent)) {
            try (var left = Files.list(parent)) {
                assertEquals(List.of(), left.toList());
            }
        }
        return end.err().substring("millrace: ".length()).strip();
    }

    private String[] classifier(String... more) {
        List<String> options =
                new ArrayList<>(List.of("--preset", "imagenet", "--labels", labels.toString()));
        options.addAll(List.of(more));
        return options.toArray(String[]::new);
    }

    private static ModelProto text() {
        Nodes nodes = new Nodes();
        nodes.add("Identity", List.of("input_ids"), List.of("logits"));
        Dimension batch = Dimension.newBuilder().setDimParam("batch").build();
        ModelProto.Builder model = ModelProto.newBuilder().setIrVersion(8);
        model.addOpsetImportBuilder().setVersion(17);
        model.getGraphBuilder()
                .addAllNode(nodes.list())
                .addInput(
                        Nodes.tensor(
                                "input_ids", TensorProto.DataType.INT64_VALUE, batch, List.of(128)))
                .addOutput(
                        Nodes.tensor(
                                "logits", TensorProto.DataType.INT64_VALUE, batch, List.of(128)));
        return model.build();
    }

    @Test
    void aModelThatTakesNoImageSaysWhatItTakes() throws Exception {
        Path bert = Files.write(source.resolve("bert.onnx"), text().toByteArray());
        String said = refused(bert, "--preset", "imagenet");
        assertTrue(said.contains("its inputs are input_ids [N, 128]"), said);
        assertTrue(said.contains("[N, 3, H, W]"), said);
    }

    /** What most folders of model hubs hold. */
    @Test
    void aFolderWithWeightsAndNoGraphSaysHowToExport() throws Exception {
        Path hub = Files.createDirectory(folder.resolve("hub"));
        Files.writeString(hub.resolve("model.safetensors"), "x");
        Files.writeString(hub.resolve("config.json"), "{}");
        String said = refused(hub);
        assertTrue(said.contains("model.safetensors"), said);
        assertTrue(said.contains("optimum-cli export onnx"), said);
    }

    @Test
    void labelsThatAreNotAsManyAsTheScoresAreSaidBeforeAnythingIsWritten() throws Exception {
        Files.writeString(labels, "a\nb\n");
        String said = refused(net, classifier());
        assertTrue(said.startsWith("labels: the file labels.txt has 2, and"), said);
        assertTrue(said.contains("output 'output' gives 5 scores"), said);
        Files.writeString(labels, "a\nb\nc\nd\ne\n");
        assertEquals(0, run(net, classifier()).code());
    }

    @Test
    void theQuestionForLabelsSaysHowMany() throws Exception {
        String said = refused(net, "--preset", "imagenet");
        assertTrue(said.contains("--labels FILE lists the 5 classes of output 'output'"), said);
        Files.writeString(labels, "\n\n");
        said = refused(net, classifier());
        assertTrue(said.contains("labels.txt' holds no label"), said);
    }

    @Test
    void aPresetThatContradictsTheGraphIsSaid() throws Exception {
        String said = refused(net, "--preset", "coco");
        assertTrue(said.contains("the model has output [N, 5]"), said);
        assertTrue(said.contains("--preset"), said);
        said = refused(net, "--preset", "clip");
        assertTrue(said.contains("ends in a Softmax"), said);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "--kind      | classfier      | --kind: 'classfier' must be | did you mean classifier?",
                "--size      | 300x300        | input.height: '300' is not what | the option --size",
                "--color     | GBR            | color: 'GBR' | the option --color",
                "--normalize | 255            | normalize must be a mapping | the option --normalize",
                "--resize    | squash         | resize: 'squash' | the option --resize",
                "--resize    | {crop: 100     | --resize: is no YAML | {crop: 100",
                "--outputs   | {scores: nope} | outputs.scores: 'nope' | the option --outputs",
                "--set       | units          | --set: 'units' must be | units",
                "--set       | unit=true      | unit: 'true' has an effect on | the option --set",
                "--set       | colour=RGB     | --set: 'colour' is no key | did you mean color?"
            })
    void anOptionThatDoesNotFitIsNamed(String option, String value, String says, String andSays)
            throws Exception {
        String said = refused(net, classifier(option, value));
        assertTrue(said.startsWith(says), said);
        assertTrue(said.contains(andSays), said);
        assertFalse(said.contains("model.yaml"), said);
        assertFalse(said.contains("model.onnx"), said);
    }

    @Test
    void aGraphThatCannotBeUsedLeavesNothingBehind() throws Exception {
        ModelProto.Builder custom = ImportCommandTest.shipped("safety").toBuilder();
        NodeProto.Builder node = custom.getGraphBuilder().getNodeBuilder(3);
        node.setOpType("Foo").setDomain("my.domain");
        custom.addOpsetImportBuilder().setDomain("my.domain").setVersion(1);
        Files.write(net, custom.build().toByteArray());
        String said = refused(net, classifier());
        assertTrue(said.contains("net.onnx"), said);
        assertTrue(said.contains("my.domain"), said);
    }

    @Test
    void aPlaceThatCannotBeWrittenIsOneLine() throws Exception {
        Path file = Files.writeString(folder.resolve("file"), "x");
        for (String output : List.of(file.toString(), "/proc/none", file + "/x")) {
            End end = run(net, classifier("--output", output));
            assertEquals(2, end.code(), end::err);
            assertEquals(1, end.err().lines().count(), end::err);
            assertTrue(end.err().startsWith("millrace: --output: '" + output), end::err);
            assertTrue(end.err().contains("name a folder that this user may write"), end::err);
        }
        assertEquals("x", Files.readString(file));
    }

    @Test
    void aPhotoThatIsMissingIsSaidFirst() throws Exception {
        String said = refused(net, classifier("--check", folder.resolve("no.jpg").toString()));
        assertTrue(said.startsWith("--check: "), said);
    }

    /** Twice is no probability of anything. */
    @Test
    void scoresOfAGraphThatEndsInASoftmaxGetNoOther() throws Exception {
        Files.writeString(
                source.resolve("config.json"),
                """
                {"architectures": ["ViTForImageClassification"], "model_type": "vit",
                 "id2label": {"0": "a", "1": "b", "2": "c", "3": "d", "4": "e"}}
                """);
        Files.writeString(
                source.resolve("preprocessor_config.json"),
                """
                {"do_normalize": false, "do_rescale": true, "size": {"height": 224, "width": 224}}
                """);
        assertEquals(0, run(source).code());
        String yaml = Files.readString(bundle.resolve("model.yaml"));
        assertTrue(yaml.contains("\nactivation: none"), yaml);
        assertTrue(yaml.contains("# the graph ends in a Softmax"), yaml);
    }

    @Test
    void keysThatHaveNoOptionOfTheirOwnCanBeSet() throws Exception {
        End end = run(net, classifier("--set", "thresholds={score: 0.9}"));
        assertEquals(0, end.code(), end::err);
        String yaml = Files.readString(bundle.resolve("model.yaml"));
        assertTrue(yaml.contains("\nthresholds: {score: 0.9}"), yaml);
    }

    @Test
    void whatIsThereAlreadyIsReplacedOnlyWhenAsked() throws Exception {
        assertEquals(0, run(net, classifier()).code());
        Path mine = Files.writeString(bundle.resolve("notes.txt"), "mine");
        String before = Files.readString(bundle.resolve("model.yaml"));
        assertEquals(2, run(net, classifier("--color", "BGR")).code());
        assertEquals(2, run(net, classifier("--force", "--color", "GBR")).code());
        assertEquals(before, Files.readString(bundle.resolve("model.yaml")));
        End end = run(net, classifier("--force", "--color", "BGR"));
        assertEquals(0, end.code(), end::err);
        assertTrue(Files.readString(bundle.resolve("model.yaml")).contains("\ncolor: BGR"));
        assertEquals("mine", Files.readString(mine));
        assertTrue(end.out().contains("{task: made, bundle: " + bundle + "}"), end::out);
    }
}
