package dev.millrace.bundle.graph;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import dev.millrace.api.ModelSpec;
import dev.millrace.api.ModelSpec.Nms;
import dev.millrace.bundle.BundleException;
import dev.millrace.bundle.Nodes;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Suppression of boxes that an export has put behind them, and outputs that it leaves empty. */
class CutOffTest {
    @TempDir private Path folder;

    private ModelSpec spec(ModelProto.Builder model, String more) throws Exception {
        String yaml =
                """
                kind: detector
                input: {width: 8, height: 4}
                resize: stretch
                color: RGB
                normalize: {}
                labels: [a, b, c, d]
                outputs: {boxes: boxes, scores: scores}
                """;
        Path bundle = TestModels.write(folder.resolve("cut"), model, yaml + more);
        return Bundles.load(bundle, folder.resolve("cache")).spec();
    }

    private static TensorProto number(String name, float value, boolean raw) {
        TensorProto.Builder tensor =
                TensorProto.newBuilder()
                        .setName(name)
                        .setDataType(TensorProto.DataType.FLOAT_VALUE)
                        .addDims(1);
        ByteBuffer bytes = ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN);
        return raw
                ? tensor.setRawData(
                                com.google.protobuf.ByteString.copyFrom(
                                        bytes.putFloat(value).flip()))
                        .build()
                : tensor.addFloatData(value).build();
    }

    private static AttributeProto attribute(String name, float value) {
        return AttributeProto.newBuilder()
                .setName(name)
                .setType(AttributeProto.AttributeType.FLOAT)
                .setF(value)
                .build();
    }

    private static ModelProto.Builder suppressing(boolean constant, boolean raw) {
        ModelProto.Builder model = TestModels.detector(17);
        GraphProto.Builder graph = model.getGraphBuilder();
        graph.addNode(
                        Nodes.node(
                                "Transpose",
                                "t",
                                List.of("scores"),
                                List.of("turned_scores"),
                                Nodes.attribute("perm", List.of(0L, 2L, 1L))))
                .addInitializer(
                        TensorProto.newBuilder()
                                .setName("most")
                                .setDataType(TensorProto.DataType.INT64_VALUE)
                                .addDims(1)
                                .addInt64Data(10));
        if (constant) {
            graph.addInitializer(number("iou", 0.45f, raw))
                    .addNode(
                            Nodes.node(
                                    "Constant",
                                    "k",
                                    List.of(),
                                    List.of("least"),
                                    AttributeProto.newBuilder()
                                            .setName("value")
                                            .setType(AttributeProto.AttributeType.TENSOR)
                                            .setT(number("", 0.25f, raw))
                                            .build()));
        } else {
            for (String name : List.of("iou", "least")) {
                graph.addNode(
                        Nodes.node("ReduceMax", name + "_max", List.of("scores"), List.of(name)));
            }
        }
        graph.addNode(
                Nodes.node(
                        "NonMaxSuppression",
                        "nms",
                        List.of("boxes", "turned_scores", "most", "iou", "least"),
                        List.of("selected")));
        graph.clearOutput()
                .addOutputBuilder()
                .setName("selected")
                .getTypeBuilder()
                .getTensorTypeBuilder()
                .setElemType(TensorProto.DataType.INT64_VALUE);
        return model;
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void itsThresholdsAreTheDefaults(boolean raw) throws Exception {
        ModelSpec spec = spec(suppressing(true, raw), "");
        assertEquals(Optional.of(new Nms((double) 0.45f, true)), spec.nms());
        assertEquals((double) 0.25f, spec.threshold("score", 0.35));
    }

    @Test
    void whatModelYamlSaysGoesBefore() throws Exception {
        ModelSpec spec =
                spec(suppressing(true, false), "nms: {iou: 0.7}\nthresholds: {score: 0.1}\n");
        assertEquals(0.7, spec.nms().orElseThrow().iou());
        assertEquals(0.1, spec.threshold("score", 0.35));
    }

    @Test
    void thresholdsThatAreComputedAreNoDefaults() throws Exception {
        ModelSpec spec = spec(suppressing(false, false), "");
        assertEquals(Optional.empty(), spec.nms());
        assertEquals(0.35, spec.threshold("score", 0.35));
    }

    /** TensorRT's own has them as attributes, and no operator that ONNX Runtime knows. */
    @ParameterizedTest
    @CsvSource({"0, true", "1, false"})
    void theSuppressionOfTensorRtSaysItToo(int agnostic, boolean perClass) throws Exception {
        ModelProto.Builder model = TestModels.detector(17);
        model.addOpsetImportBuilder().setDomain("TRT").setVersion(1);
        GraphProto.Builder graph = model.getGraphBuilder();
        graph.addNode(
                Nodes.node(
                                "EfficientNMS_TRT",
                                "nms",
                                List.of("boxes", "scores"),
                                List.of("num_dets"),
                                attribute("iou_threshold", 0.5f),
                                attribute("score_threshold", 0.125f),
                                Nodes.attribute("class_agnostic", agnostic))
                        .toBuilder()
                        .setDomain("TRT"));
        graph.clearOutput()
                .addOutputBuilder()
                .setName("num_dets")
                .getTypeBuilder()
                .getTensorTypeBuilder()
                .setElemType(TensorProto.DataType.INT32_VALUE);
        ModelSpec spec = spec(model, "");
        assertEquals(Optional.of(new Nms(0.5, perClass)), spec.nms());
        assertEquals(0.125, spec.threshold("score", 0.35));
    }

    @Test
    void withoutASuppressionNothingChanges() throws Exception {
        ModelSpec spec = spec(TestModels.detector(17), "");
        assertEquals(Optional.empty(), spec.nms());
        assertEquals(0.35, spec.threshold("score", 0.35));
    }

    /** As many boxes as the probe's image has things, which is none. */
    @ParameterizedTest
    @ValueSource(strings = {"", "columns: [x1, y1, x2, y2]\n", "candidates: 5\n"})
    void outputsThatAreEmptyAreOneLine(String more) {
        ModelProto.Builder model = TestModels.detector(17);
        GraphProto.Builder graph = model.getGraphBuilder();
        for (String bound : List.of("from", "to", "axis")) {
            graph.addInitializer(
                    TensorProto.newBuilder()
                            .setName(bound)
                            .setDataType(TensorProto.DataType.INT64_VALUE)
                            .addDims(1)
                            .addInt64Data(bound.equals("axis") ? 1 : 0));
        }
        for (int i = 0; i < graph.getNodeCount(); i++) {
            String output = graph.getNode(i).getOutput(0);
            if (!output.equals("turned")) {
                graph.getNodeBuilder(i).setOutput(0, "all_" + output);
            }
        }
        for (String output : List.of("boxes", "scores")) {
            graph.addNode(
                    Nodes.node(
                            "Slice",
                            output + "_none",
                            List.of("all_" + output, "from", "to", "axis"),
                            List.of(output)));
        }
        for (int i = 0; i < 2; i++) {
            graph.getOutputBuilder(i).getTypeBuilder().getTensorTypeBuilder().clearShape();
        }
        BundleException refused = assertThrows(BundleException.class, () -> spec(model, more));
        String said = refused.getMessage();
        assertTrue(said.contains("outputs.boxes: 'boxes [0, 4]' is empty"), said);
        assertTrue(said.contains("before the suppression"), said);
    }
}
