package dev.millrace.bundle.graph;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorShapeProto.Dimension;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import dev.millrace.bundle.Nodes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Graphs whose outputs can be computed by hand, in any opset. */
public final class TestModels {
    private TestModels() {}

    /** {@code output [3, height, width]} is the input. */
    public static ModelProto.Builder identity(int opset, int height, int width) {
        Nodes nodes = new Nodes();
        nodes.add("Identity", List.of("input"), List.of("output"));
        return model(opset)
                .setGraph(
                        graph(nodes, height, width)
                                .addOutput(output("output", List.of(3, height, width))));
    }

    /**
     * {@code boxes [24, 4]} is the input {@code [3, 4, 8]} in its own order, {@code scores [24, 4]}
     * is the input with height and width exchanged.
     */
    public static ModelProto.Builder detector(int opset) {
        Nodes nodes = new Nodes();
        // The prefix of constants is Millrace's own, which a user's model may not have.
        TensorProto shape =
                TensorProto.newBuilder()
                        .setName("shape")
                        .setDataType(TensorProto.DataType.INT64_VALUE)
                        .addDims(3)
                        .addAllInt64Data(List.of(0L, 24L, 4L))
                        .build();
        nodes.add("Reshape", List.of("input", "shape"), List.of("boxes"));
        nodes.add(
                "Transpose",
                List.of("input"),
                List.of("turned"),
                Nodes.attribute("perm", List.of(0L, 1L, 3L, 2L)));
        nodes.add("Reshape", List.of("turned", "shape"), List.of("scores"));
        return model(opset)
                .setGraph(
                        graph(nodes, 4, 8)
                                .addInitializer(shape)
                                .addOutput(output("boxes", List.of(24, 4)))
                                .addOutput(output("scores", List.of(24, 4))));
    }

    /**
     * {@code output [6, height, width]} is the input and as many planes of ones, which have as many
     * images as the export had: its batch cannot be opened.
     */
    public static ModelProto.Builder bound(int batch, int height, int width) {
        ModelProto.Builder model = identity(17, height, width);
        TensorProto.Builder plane =
                TensorProto.newBuilder()
                        .setName("plane")
                        .setDataType(TensorProto.DataType.FLOAT_VALUE)
                        .addAllDims(List.of((long) batch, 3L, (long) height, (long) width));
        for (int i = 0; i < batch * 3 * height * width; i++) {
            plane.addFloatData(1);
        }
        GraphProto.Builder graph = model.getGraphBuilder();
        graph.getInputBuilder(0)
                .getTypeBuilder()
                .getTensorTypeBuilder()
                .getShapeBuilder()
                .getDimBuilder(0)
                .setDimValue(batch);
        graph.addInitializer(plane)
                .setNode(
                        0,
                        Nodes.node(
                                "Concat",
                                "joined",
                                List.of("input", "plane"),
                                List.of("output"),
                                Nodes.attribute("axis", 1)))
                .getOutputBuilder(0)
                .getTypeBuilder()
                .getTensorTypeBuilder()
                .clearShape();
        return model;
    }

    private static ModelProto.Builder model(int opset) {
        return ModelProto.newBuilder()
                .setIrVersion(8)
                .addOpsetImport(OperatorSetIdProto.newBuilder().setDomain("").setVersion(opset));
    }

    private static GraphProto.Builder graph(Nodes nodes, int height, int width) {
        return GraphProto.newBuilder()
                .setName("test")
                .addAllNode(nodes.list())
                .addInput(
                        Nodes.tensor(
                                "input",
                                TensorProto.DataType.FLOAT_VALUE,
                                batch(),
                                List.of(3, height, width)));
    }

    private static ValueInfoProto output(String name, List<Integer> shape) {
        return Nodes.tensor(name, TensorProto.DataType.FLOAT_VALUE, batch(), shape);
    }

    private static Dimension batch() {
        return Dimension.newBuilder().setDimParam("N").build();
    }

    /** What a graph of 8 x 4 pixels needs beside what its kind does. */
    public static String yaml(String kind, String outputs, String more) {
        return """
        kind: %s
        input: {width: 8, height: 4}
        resize: stretch
        color: RGB
        normalize: {}
        outputs: %s
        %s
        """
                .formatted(kind, outputs, more);
    }

    public static Path write(Path directory, ModelProto.Builder model, String yaml)
            throws IOException {
        Files.createDirectories(directory);
        Files.write(directory.resolve("model.onnx"), model.build().toByteArray());
        Files.writeString(directory.resolve("model.yaml"), yaml);
        return directory;
    }
}
