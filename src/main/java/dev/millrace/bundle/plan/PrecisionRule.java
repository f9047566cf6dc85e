package dev.millrace.bundle.plan;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Decides which nodes of a folded graph compute in FP16. Layers do: convolutions and matrix
 * products, where the time goes. Operations that keep a value's relative error do where they stand
 * between layers: what follows a sensitive operation stays in FP32 up to the next layer, and so
 * does everything behind the last one. All else is sensitive: sums over many values, exponentials,
 * normalisations, sorting, and every operation that is not listed here.
 */
final class PrecisionRule {
    static final Set<String> LAYERS = Set.of("Conv", "ConvTranspose", "Gemm", "MatMul");

    /** Move values, or round each once. */
    private static final Set<String> LOCAL =
            Set.of(
                    ("Abs Add Clip Concat DepthToSpace Div Elu Erf Expand Flatten Gather Gelu"
                                    + " HardSigmoid HardSwish Identity LeakyRelu Max MaxPool Min"
                                    + " Mul Neg PRelu Pad Relu Reshape Resize Selu Sigmoid Slice"
                                    + " SpaceToDepth Split Squeeze Sub Sum Tanh Tile Transpose"
                                    + " Unsqueeze Upsample Where")
                            .split(" "));

    /** Their constants only limit values or mark places: infinity serves as well. */
    private static final Set<String> LIMITS = Set.of("Clip", "Max", "Min", "Pad");

    /** A product with fewer weights decodes coordinates, as the mean of a distribution does. */
    private static final int MIN_WEIGHTS = 65;

    private static final float MAX = 65504;

    /** What the probe's few images must leave for photos to reach. */
    private static final float HEADROOM = 4;

    /** Below it, FP16 has fewer digits with every step. */
    private static final float MIN_NORMAL = 0x1p-14f;

    private final TypedTensors tensors;
    private final List<NodeProto> nodes;
    private final Map<String, Float> ranges;
    private final boolean[] half;
    private final Map<String, List<Integer>> readers = new HashMap<>();
    private final Set<String> halves = new HashSet<>();

    PrecisionRule(ModelProto model, TypedTensors tensors) {
        this.tensors = tensors;
        this.nodes = model.getGraph().getNodeList();
        this.ranges = RangeProbe.largest(model, candidates());
        this.half = new boolean[nodes.size()];
        boolean[] ahead = layersAhead();
        for (int i = 0; i < half.length; i++) {
            NodeProto node = nodes.get(i);
            half[i] =
                    mayBeHalf(node)
                            && resultsFit(node)
                            && constantsFit(node)
                            && (isLayer(node) || ahead[i] && fed(node));
            if (half[i]) {
                halves.addAll(node.getOutputList());
            }
        }
    }

    /** Whether the node at this position computes in FP16. */
    boolean half(int node) {
        return half[node];
    }

    /** Whether a tensor is wanted in FP32 only. */
    boolean readInFullOnly(String tensor) {
        return readers.getOrDefault(tensor, List.of()).stream().noneMatch(node -> half[node]);
    }

    /** The inputs whose type follows the node's. */
    List<String> following(NodeProto node) {
        List<String> inputs = node.getInputList();
        // Where a Resize takes place is float32 by definition.
        boolean resizes = node.getOpType().equals("Resize") || node.getOpType().equals("Upsample");
        return (resizes ? inputs.subList(0, 1) : inputs).stream().filter(tensors::isFloat).toList();
    }

    private boolean[] layersAhead() {
        boolean[] ahead = new boolean[nodes.size()];
        for (int i = nodes.size() - 1; i >= 0; i--) {
            for (String output : nodes.get(i).getOutputList()) {
                for (int reader : readers.getOrDefault(output, List.of())) {
                    ahead[i] |= ahead[reader] || isLayer(nodes.get(reader));
                }
            }
            for (String input : nodes.get(i).getInputList()) {
                readers.computeIfAbsent(input, name -> new ArrayList<>()).add(i);
            }
        }
        return ahead;
    }

    private boolean isLayer(NodeProto node) {
        if (!LAYERS.contains(node.getOpType())) {
            return false;
        }
        return node.getInputList().stream()
                .limit(2)
                .filter(tensors::isConstant)
                .allMatch(name -> elements(tensors.constant(name)) >= MIN_WEIGHTS);
    }

    private Set<String> candidates() {
        return nodes.stream()
                .filter(this::mayBeHalf)
                .flatMap(node -> node.getOutputList().stream())
                .filter(tensors::isFloat)
                .collect(Collectors.toSet());
    }

    private boolean resultsFit(NodeProto node) {
        return node.getOutputList().stream()
                .allMatch(name -> ranges.getOrDefault(name, 0f) * HEADROOM <= MAX);
    }

    private boolean mayBeHalf(NodeProto node) {
        boolean known = LAYERS.contains(node.getOpType()) || LOCAL.contains(node.getOpType());
        boolean standard = node.getDomain().isEmpty() || node.getDomain().equals("ai.onnx");
        return known
                && standard
                && node.getOutputList().stream().anyMatch(tensors::isFloat)
                && node.getOutputList().stream().noneMatch(tensors::isCaptured);
    }

    /** Whether all that flows into the node is FP16 already. */
    private boolean fed(NodeProto node) {
        return following(node).stream()
                .filter(name -> !tensors.isConstant(name))
                .allMatch(halves::contains);
    }

    private boolean constantsFit(NodeProto node) {
        if (LIMITS.contains(node.getOpType())) {
            return true;
        }
        boolean layer = LAYERS.contains(node.getOpType());
        List<String> inputs = following(node);
        for (int i = 0; i < inputs.size(); i++) {
            if (tensors.isConstant(inputs.get(i))) {
                TensorProto constant = tensors.constant(inputs.get(i));
                float most = largest(constant);
                boolean bias = layer && i == 2;
                boolean tooSmall = most != 0 && most < MIN_NORMAL && !bias;
                if (most > MAX || tooSmall || !layer && leans(constant, most)) {
                    return false;
                }
            }
        }
        return true;
    }

    /** One number for a whole tensor: if it is rounded, all errs to the same side. */
    private static boolean leans(TensorProto constant, float size) {
        return elements(constant) == 1 && Float.float16ToFloat(Float.floatToFloat16(size)) != size;
    }

    private static float largest(TensorProto constant) {
        FloatBuffer values = TypedTensors.floats(constant);
        float most = 0;
        while (values.hasRemaining()) {
            most = Math.max(most, Math.abs(values.get()));
        }
        return most;
    }

    private static long elements(TensorProto constant) {
        return constant.getDimsList().stream().reduce(1L, Math::multiplyExact);
    }
}
