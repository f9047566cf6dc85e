package dev.millrace.bundle.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import ai.onnx.proto.OnnxMl.TensorShapeProto.Dimension;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.millrace.bundle.BundleException;
import dev.millrace.bundle.Nodes;
import dev.millrace.bundle.graph.Graft;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What is computed in FP16, what is not, and where Casts stand. */
class Fp16GraphTest {
    private static final Dimension BATCH = Dimension.newBuilder().setDimParam("N").build();

    private final Nodes nodes = new Nodes();
    private final List<TensorProto> constants = new ArrayList<>();
    private static final int OPSET = 17;

    private String weights(String name, float size, long... shape) {
        Random random = new Random(name.hashCode());
        int count = Math.toIntExact(Arrays.stream(shape).reduce(1, Math::multiplyExact));
        TensorProto.Builder tensor =
                TensorProto.newBuilder()
                        .setName(name)
                        .setDataType(DataType.FLOAT_VALUE)
                        .addAllDims(Arrays.stream(shape).boxed().toList());
        for (int i = 0; i < count; i++) {
            tensor.addFloatData(count == 1 ? size : size * (random.nextFloat() - 0.5f));
        }
        constants.add(tensor.build());
        return name;
    }

    private String op(String type, String output, String... inputs) {
        return nodes.add(type, List.of(inputs), List.of(output));
    }

    /** A convolution of eight channels, or three at first, that is a layer. */
    private String layer(String output, String input) {
        long in = input.equals("input") ? 3 : 8;
        return op("Conv", output, input, weights("w_" + output, 0.5f, 8, in, 3, 3));
    }

    private ModelProto model(String output, int... shape) {
        nodes.add(
                "Cast",
                List.of(Graft.INPUT),
                List.of("pixels"),
                Nodes.attribute("to", DataType.FLOAT_VALUE));
        nodes.add(
                "Transpose",
                List.of("pixels"),
                List.of("input"),
                Nodes.attribute("perm", List.of(0L, 3L, 1L, 2L)));
        List<NodeProto> ordered = new ArrayList<>(nodes.list());
        ordered.add(0, ordered.removeLast());
        ordered.add(0, ordered.removeLast());
        return ModelProto.newBuilder()
                .setIrVersion(8)
                .addOpsetImport(OperatorSetIdProto.newBuilder().setDomain("").setVersion(OPSET))
                .setGraph(
                        GraphProto.newBuilder()
                                .setName("test")
                                .addAllNode(ordered)
                                .addAllInitializer(constants)
                                .addInput(
                                        Nodes.tensor(
                                                Graft.INPUT,
                                                DataType.UINT8_VALUE,
                                                BATCH,
                                                List.of(16, 16, 3)))
                                .addOutput(
                                        Nodes.tensor(
                                                output,
                                                DataType.FLOAT_VALUE,
                                                BATCH,
                                                Arrays.stream(shape).boxed().toList())))
                .build();
    }

    /** Converted, and loaded once, which checks that all types fit each other. */
    private static GraphProto converted(ModelProto model) throws OrtException {
        ModelProto half = Fp16Graph.of(FoldedGraph.of(model.toByteArray()));
        try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
            OrtEnvironment.getEnvironment().createSession(half.toByteArray(), options).close();
        }
        assertNoCastsInARow(half.getGraph());
        return half.getGraph();
    }

    private static void assertNoCastsInARow(GraphProto graph) {
        Map<String, NodeProto> makers = new HashMap<>();
        for (NodeProto node : graph.getNodeList()) {
            if (node.getOpType().equals("Cast")) {
                NodeProto before = makers.get(node.getInput(0));
                boolean pair = before != null && before.getOpType().equals("Cast");
                assertFalse(pair, () -> before + " then " + node);
            }
            node.getOutputList().forEach(output -> makers.put(output, node));
        }
    }

    private static List<String> casts(GraphProto graph) {
        return graph.getNodeList().stream()
                .filter(node -> node.getOpType().equals("Cast"))
                .map(node -> node.getInput(0) + ">" + node.getOutput(0))
                .toList();
    }

    private static boolean isHalf(GraphProto graph, String output) {
        return graph.getNodeList().stream()
                .filter(node -> !node.getOpType().equals("Cast"))
                .anyMatch(node -> node.getOutputList().contains("millrace_half_" + output));
    }

    @Test
    void betweenLayersIsHalfAndTheEndsAreNot() throws Exception {
        layer("a", "input");
        op("Relu", "b", "a");
        layer("c", "b");
        op("Sigmoid", "d", "c");
        GraphProto graph = converted(model("d", 8, 12, 12));
        assertEquals(
                List.of(Graft.INPUT + ">pixels", "input>millrace_half_input", "millrace_half_c>c"),
                casts(graph));
        assertEquals(
                List.of(DataType.FLOAT16_VALUE, DataType.FLOAT16_VALUE),
                graph.getInitializerList().stream().map(TensorProto::getDataType).toList());
    }

    @Test
    void aLayerThatIsTheOutputGivesFloats() throws Exception {
        layer("a", "input");
        GraphProto graph = converted(model("a", 8, 14, 14));
        assertTrue(casts(graph).contains("millrace_half_a>a"));
    }

    @Test
    void whatFollowsASumStaysFullUpToTheNextLayer() throws Exception {
        layer("a", "input");
        op("GlobalAveragePool", "mean", "a");
        op("Sub", "centred", "a", "mean");
        op("Sigmoid", "squashed", "centred");
        layer("b", "squashed");
        GraphProto graph = converted(model("b", 8, 12, 12));
        assertTrue(isHalf(graph, "a") && isHalf(graph, "b"));
        assertFalse(isHalf(graph, "mean") || isHalf(graph, "centred") || isHalf(graph, "squashed"));
        assertEquals(1, casts(graph).stream().filter(cast -> cast.endsWith(">a")).count());
    }

    @Test
    void aSmallProductBehindASoftmaxDecodesCoordinates() throws Exception {
        layer("a", "input");
        op("Softmax", "shares", "a");
        op("MatMul", "distance", "shares", weights("places", 8, 14, 1));
        op("Mul", "boxes", "distance", weights("stride", 32, 1));
        GraphProto graph = converted(model("boxes", 8, 14, 1));
        assertFalse(isHalf(graph, "distance") || isHalf(graph, "boxes"));
    }

    @Test
    void whatLeavesTheRangeOfHalvesStaysFull() throws Exception {
        layer("a", "input");
        op("Relu", "r", "a");
        op("Mul", "large", "r", weights("gain", 65536, 1));
        op("Mul", "small", "large", weights("loss", 0x1p-16f, 1));
        layer("b", "small");
        GraphProto graph = converted(model("b", 8, 12, 12));
        assertTrue(isHalf(graph, "a") && isHalf(graph, "b"));
        assertFalse(isHalf(graph, "large") || isHalf(graph, "small"));
    }

    @Test
    void aConstantThatRoundsForAWholeTensorStaysFull() throws Exception {
        layer("a", "input");
        op("Relu", "r", "a");
        op("Mul", "exact", "r", weights("half", 0.5f, 1));
        layer("b", "exact");
        op("Relu", "s", "b");
        op("Mul", "inexact", "s", weights("third", 1 / 3f, 1));
        layer("c", "inexact");
        GraphProto graph = converted(model("c", 8, 10, 10));
        assertTrue(isHalf(graph, "exact"));
        assertFalse(isHalf(graph, "inexact"));
    }

    @Test
    void aConstantIsSharedInBothTypes() throws Exception {
        String shared = weights("shared", 2, 8, 1, 1);
        layer("a", "input");
        op("Relu", "r", "a");
        op("Mul", "b", "r", shared);
        layer("c", "b");
        op("Relu", "s", "c");
        op("Mul", "d", "s", shared);
        GraphProto graph = converted(model("d", 8, 12, 12));
        List<String> names =
                graph.getInitializerList().stream().map(TensorProto::getName).sorted().toList();
        assertTrue(
                names.contains("shared") && names.contains("millrace_half_shared"),
                names::toString);
    }

    @Test
    void resizeKeepsItsScalesAndClipItsLimits() throws Exception {
        layer("a", "input");
        constants.add(
                TensorProto.newBuilder()
                        .setName("scales")
                        .setDataType(DataType.FLOAT_VALUE)
                        .addDims(4)
                        .addAllFloatData(List.of(1f, 1f, 2f, 2f))
                        .build());
        op("Resize", "b", "a", "", "scales");
        op("Clip", "c", "b", weights("least", 0, new long[0]), weights("most", 3e38f, new long[0]));
        layer("d", "c");
        GraphProto graph = converted(model("d", 8, 26, 26));
        assertTrue(isHalf(graph, "b") && isHalf(graph, "c"));
        assertTrue(
                graph.getInitializerList().stream()
                        .anyMatch(
                                tensor ->
                                        tensor.getName().equals("scales")
                                                && tensor.getDataType() == DataType.FLOAT_VALUE));
    }

    @Test
    void aBatchNormalisationGoesIntoItsLayerOrStaysFull() throws Exception {
        layer("a", "input");
        for (String name : List.of("gain", "shift", "mean")) {
            weights(name, 1, 8);
        }
        op("BatchNormalization", "b", "a", "gain", "shift", "mean", "variance");
        constants.add(
                TensorProto.newBuilder()
                        .setName("variance")
                        .setDataType(DataType.FLOAT_VALUE)
                        .addDims(8)
                        .addAllFloatData(List.of(1f, 2f, 3f, 4f, 5f, 6f, 7f, 8f))
                        .build());
        op("Relu", "c", "b");
        op("BatchNormalization", "d", "c", "gain", "shift", "mean", "variance");
        layer("e", "d");
        GraphProto graph = converted(model("e", 8, 12, 12));
        assertEquals(
                1,
                graph.getNodeList().stream()
                        .filter(node -> node.getOpType().equals("BatchNormalization"))
                        .count());
        assertFalse(isHalf(graph, "d"));
    }

    @Test
    void castsOfAModelThatIsMixedAlreadyAreNotDoubled() throws Exception {
        layer("a", "input");
        nodes.add("Cast", List.of("a"), List.of("h"), Nodes.attribute("to", 10));
        op("Abs", "g", "h");
        nodes.add("Cast", List.of("g"), List.of("f"), Nodes.attribute("to", 1));
        layer("b", "f");
        GraphProto graph = converted(model("b", 8, 12, 12));
        assertTrue(isHalf(graph, "a") && isHalf(graph, "b"));
    }

    @Test
    void whatTheBodyOfAnIfReadsKeepsItsName() throws Exception {
        layer("a", "input");
        op("Relu", "b", "a");
        op("ReduceSum", "sum", "b");
        op("Greater", "large", "sum", weights("limit", 5, new long[0]));
        op("Squeeze", "whether", "large");
        nodes.add(
                "If",
                List.of("whether"),
                List.of("chosen"),
                branch("then_branch", "Neg"),
                branch("else_branch", "Abs"));
        layer("c", "chosen");
        GraphProto graph = converted(model("c", 8, 12, 12));
        assertFalse(isHalf(graph, "b"));
        assertTrue(isHalf(graph, "c"));
    }

    private static AttributeProto branch(String name, String type) {
        return AttributeProto.newBuilder()
                .setName(name)
                .setType(AttributeProto.AttributeType.GRAPH)
                .setG(
                        GraphProto.newBuilder()
                                .setName(name)
                                .addNode(
                                        NodeProto.newBuilder()
                                                .setOpType(type)
                                                .addInput("b")
                                                .addOutput(name + "_out"))
                                .addOutput(
                                        Nodes.tensor(
                                                name + "_out",
                                                DataType.FLOAT_VALUE,
                                                BATCH,
                                                List.of(8, 14, 14))))
                .build();
    }

    @Test
    void whatOnnxRuntimeDoesNotKnowIsNamed() {
        op("Nonsense", "a", "input");
        ModelProto model = model("a", 3, 16, 16);
        String line =
                assertThrows(BundleException.class, () -> FoldedGraph.of(model.toByteArray()))
                        .getMessage();
        assertTrue(line.contains("ONNX Runtime cannot simplify the graph"), line);
    }

    @Test
    void theSumOfAKernelSurvivesRounding() {
        TensorProto kernel =
                TensorProto.newBuilder()
                        .setDataType(DataType.FLOAT_VALUE)
                        .addAllDims(List.of(1L, 1L, 3L, 3L))
                        .addAllFloatData(
                                List.of(
                                        15.073f, -1.8761f, -1.8843f, -1.8917f, -1.8829f, -1.8802f,
                                        -1.8899f, -1.8833f, -1.8846f))
                        .build();
        double exact = kernel.getFloatDataList().stream().mapToDouble(Float::doubleValue).sum();
        double compensated = 0;
        for (short value : Fp16Weights.round(kernel)) {
            compensated += Float.float16ToFloat(value);
        }
        double naive =
                kernel.getFloatDataList().stream()
                        .mapToDouble(v -> Float.float16ToFloat(Float.floatToFloat16(v)))
                        .sum();
        assertEquals(exact, compensated, 0x1p-11);
        assertTrue(Math.abs(naive - exact) > Math.abs(compensated - exact));
    }
}
