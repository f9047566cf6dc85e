package dev.millrace.bundle.plan;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/** What is known of the tensors of a folded graph. */
final class TypedTensors {
    private final Map<String, TensorProto> constants = new HashMap<>();
    private final Map<String, Integer> types = new HashMap<>();
    private final Set<String> captured = new HashSet<>();

    TypedTensors(GraphProto graph) {
        for (TensorProto constant : graph.getInitializerList()) {
            constants.put(constant.getName(), constant);
            types.put(constant.getName(), constant.getDataType());
        }
        Stream.of(graph.getValueInfoList(), graph.getInputList(), graph.getOutputList())
                .flatMap(List::stream)
                .filter(info -> info.getType().hasTensorType())
                .forEach(this::note);
        for (NodeProto node : graph.getNodeList()) {
            subgraphs(node).forEach(this::capture);
        }
    }

    private void note(ValueInfoProto info) {
        types.put(info.getName(), info.getType().getTensorType().getElemType());
    }

    private static Stream<GraphProto> subgraphs(NodeProto node) {
        return node.getAttributeList().stream()
                .flatMap(
                        attribute ->
                                attribute.hasG()
                                        ? Stream.of(attribute.getG())
                                        : attribute.getGraphsList().stream());
    }

    /** A name that is meant inside may be the graph's: what is noted too often costs little. */
    private void capture(GraphProto subgraph) {
        subgraph.getOutputList().forEach(output -> captured.add(output.getName()));
        for (NodeProto node : subgraph.getNodeList()) {
            captured.addAll(node.getInputList());
            subgraphs(node).forEach(this::capture);
        }
    }

    boolean isFloat(String tensor) {
        return types.getOrDefault(tensor, 0) == DataType.FLOAT_VALUE;
    }

    boolean isHalf(String tensor) {
        return types.getOrDefault(tensor, 0) == DataType.FLOAT16_VALUE;
    }

    /** Whether the body of an If or a Loop may read the tensor by its name. */
    boolean isCaptured(String tensor) {
        return captured.contains(tensor);
    }

    boolean isConstant(String tensor) {
        return constants.containsKey(tensor);
    }

    TensorProto constant(String tensor) {
        return constants.get(tensor);
    }

    /** The values of a float32 constant. */
    static FloatBuffer floats(TensorProto tensor) {
        if (tensor.hasRawData()) {
            return ByteBuffer.wrap(tensor.getRawData().toByteArray())
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .asFloatBuffer();
        }
        FloatBuffer values = FloatBuffer.allocate(tensor.getFloatDataCount());
        tensor.getFloatDataList().forEach(values::put);
        return values.flip();
    }
}
