package dev.millrace.bundle.graph;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import dev.millrace.bundle.Declaration;
import dev.millrace.bundle.Kind;
import dev.millrace.bundle.Suppression;
import java.nio.ByteOrder;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/**
 * Reads the thresholds of a suppression of boxes that no output with a role needs, and that is cut
 * off therefore: ONNX's NonMaxSuppression, or TensorRT's EfficientNMS_TRT.
 */
final class CutSuppression {
    private static final int IOU_INPUT = 3;
    private static final int SCORE_INPUT = 4;

    private final GraphProto graph;

    private CutSuppression(GraphProto graph) {
        this.graph = graph;
    }

    /** None where the model is no detector, or has a suppression that stays or none. */
    static Suppression of(GraphProto graph, Declaration declared) {
        if (declared.readyKind().filter(Kind.DETECTOR::equals).isEmpty()) {
            return Suppression.NONE;
        }
        Set<String> needed = new HashSet<>(declared.outputs().values());
        Suppression found = Suppression.NONE;
        // Nodes stand behind those that they read.
        for (int i = graph.getNodeCount() - 1; i >= 0; i--) {
            NodeProto node = graph.getNode(i);
            boolean stays = node.getOutputList().stream().anyMatch(needed::contains);
            if (stays) {
                needed.addAll(node.getInputList());
            }
            Optional<Suppression> read = new CutSuppression(graph).read(node);
            if (read.isPresent()) {
                found = stays ? Suppression.NONE : read.get();
            }
        }
        return found;
    }

    private Optional<Suppression> read(NodeProto node) {
        return switch (node.getOpType()) {
            case "NonMaxSuppression" ->
                    Optional.of(
                            new Suppression(
                                    constant(node, IOU_INPUT), constant(node, SCORE_INPUT), true));
            case "EfficientNMS_TRT" ->
                    Optional.of(
                            new Suppression(
                                    attribute(node, "iou_threshold").map(a -> (double) a.getF()),
                                    attribute(node, "score_threshold").map(a -> (double) a.getF()),
                                    attribute(node, "class_agnostic")
                                            .filter(a -> a.getI() != 0)
                                            .isEmpty()));
            default -> Optional.empty();
        };
    }

    private static Optional<AttributeProto> attribute(NodeProto node, String name) {
        return node.getAttributeList().stream().filter(a -> a.getName().equals(name)).findFirst();
    }

    /** An input that is a number from 0 to 1, whatever the image; empty where it is none. */
    private Optional<Double> constant(NodeProto node, int input) {
        if (input >= node.getInputCount()) {
            return Optional.empty();
        }
        String name = node.getInput(input);
        return graph.getInitializerList().stream()
                .filter(tensor -> tensor.getName().equals(name))
                .findFirst()
                .or(
                        () ->
                                graph.getNodeList().stream()
                                        .filter(it -> it.getOutputList().contains(name))
                                        .filter(it -> it.getOpType().equals("Constant"))
                                        .findFirst()
                                        .flatMap(it -> attribute(it, "value"))
                                        .map(AttributeProto::getT))
                .flatMap(CutSuppression::number)
                .filter(number -> number >= 0 && number <= 1);
    }

    private static Optional<Double> number(TensorProto tensor) {
        if (tensor.getDataType() != TensorProto.DataType.FLOAT_VALUE) {
            return Optional.empty();
        }
        if (tensor.getFloatDataCount() == 1) {
            return Optional.of((double) tensor.getFloatData(0));
        }
        return tensor.getRawData().size() == Float.BYTES
                ? Optional.of(
                        (double)
                                tensor.getRawData()
                                        .asReadOnlyByteBuffer()
                                        .order(ByteOrder.LITTLE_ENDIAN)
                                        .getFloat())
                : Optional.empty();
    }
}
