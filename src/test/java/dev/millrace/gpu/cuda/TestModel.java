package dev.millrace.gpu.cuda;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorShapeProto.Dimension;
import dev.millrace.bundle.Nodes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** A model whose {@code scores [N, 1]} are the first byte of each row of {@code pixels}. */
final class TestModel {
    private TestModel() {}

    static void write(Path file) throws IOException {
        TensorProto first =
                TensorProto.newBuilder()
                        .setName("first")
                        .setDataType(TensorProto.DataType.INT64_VALUE)
                        .addDims(1)
                        .addInt64Data(0)
                        .build();
        Dimension batch = Dimension.newBuilder().setDimParam("N").build();
        GraphProto graph =
                GraphProto.newBuilder()
                        .setName("test")
                        .addNode(
                                node("Cast", "pixels", "floats")
                                        .addAttribute(
                                                Nodes.attribute(
                                                        "to",
                                                        (long) TensorProto.DataType.FLOAT_VALUE)))
                        .addNode(node("Flatten", "floats", "flat"))
                        .addNode(
                                node("Gather", "flat", "scores")
                                        .addInput("first")
                                        .addAttribute(Nodes.attribute("axis", 1L)))
                        .addInitializer(first)
                        .addInput(
                                Nodes.tensor(
                                        "pixels",
                                        TensorProto.DataType.UINT8_VALUE,
                                        batch,
                                        List.of(2, 2, 3)))
                        .addOutput(
                                Nodes.tensor(
                                        "scores",
                                        TensorProto.DataType.FLOAT_VALUE,
                                        batch,
                                        List.of(1)))
                        .build();
        ModelProto model =
                ModelProto.newBuilder()
                        .setIrVersion(8)
                        .addOpsetImport(OperatorSetIdProto.newBuilder().setVersion(17))
                        .setGraph(graph)
                        .build();
        Files.write(file, model.toByteArray());
    }

    private static NodeProto.Builder node(String operator, String input, String output) {
        return NodeProto.newBuilder().setOpType(operator).addInput(input).addOutput(output);
    }
}
