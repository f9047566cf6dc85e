package dev.millrace.testing;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The bundle of the colours as it would be if it had been exported without its last layer. */
public final class RawColors {
    private static final Path COLORS = Path.of("src/test/resources/engines/colors");

    private RawColors() {}

    /** Makes the bundle {@code raw} in this folder. */
    public static Path in(Path folder) throws IOException {
        Path bundle = Files.createDirectory(folder.resolve("raw"));
        Files.copy(COLORS.resolve("model.yaml"), bundle.resolve("model.yaml"));
        ModelProto model = ModelProto.parseFrom(Files.readAllBytes(COLORS.resolve("model.onnx")));
        GraphProto.Builder graph = model.getGraph().toBuilder();
        boolean found = false;
        for (int i = 0; i < graph.getNodeCount(); i++) {
            NodeProto node = graph.getNode(i);
            if (node.getOpType().equals("Softmax")) {
                graph.setNode(i, node.toBuilder().setOpType("Identity").clearAttribute());
                found = true;
            }
        }
        if (!found) {
            throw new IllegalStateException("the colours have no softmax");
        }
        Files.write(
                bundle.resolve("model.onnx"),
                model.toBuilder().setGraph(graph).build().toByteArray());
        return bundle;
    }
}
