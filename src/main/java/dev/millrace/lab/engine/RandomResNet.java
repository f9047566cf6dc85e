package dev.millrace.lab.engine;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import ai.onnx.proto.OnnxMl.TensorShapeProto.Dimension;
import com.google.protobuf.ByteString;
import dev.millrace.bundle.Nodes;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Writes a bundle with the shape of ResNet-50 v1.5 and random weights, to measure with: its answers
 * mean nothing. Weights have He's deviation and come from one table of Gaussians that each tensor
 * reads from another place; the last normalisation of a branch has a gain of 0.2, which keeps sums
 * of branches bounded. The same arguments give the same bytes.
 */
final class RandomResNet {
    private static final int[] DEPTHS = {3, 4, 6, 3};
    private static final int EXPANSION = 4;
    private static final int TABLE = 65_521;
    private static final int SMALL = 16;
    private static final int SMALL_CLASSES = 4;
    private static final Dimension BATCH = Dimension.newBuilder().setDimParam("N").build();
    private static final float BRANCH_GAIN = 0.2f;

    private final GraphProto.Builder graph = GraphProto.newBuilder().setName("random_resnet");
    private final float[] gaussians = new float[TABLE];
    private int offset;
    private int count;

    private RandomResNet(long seed) {
        Random random = new Random(seed);
        for (int i = 0; i < TABLE; i++) {
            gaussians[i] = (float) random.nextGaussian();
        }
    }

    /**
     * Writes {@code model.onnx} and {@code model.yaml} into {@code folder}.
     *
     * @param width channels of the first stage, 64 in ResNet-50
     * @param size of the input in pixels
     */
    public static void write(Path folder, long seed, int width, int classes, int size)
            throws IOException {
        Files.createDirectories(folder);
        RandomResNet net = new RandomResNet(seed);
        Files.write(folder.resolve("model.onnx"), net.model(width, classes, size).toByteArray());
        Files.writeString(folder.resolve("model.yaml"), yaml(seed, classes, size));
    }

    /** Writes a bundle of one convolution: the least that there is to build. */
    static void writeConvolution(Path folder, long seed) throws IOException {
        Files.createDirectories(folder);
        RandomResNet net = new RandomResNet(seed);
        Files.write(folder.resolve("model.onnx"), net.convolution().toByteArray());
        Files.writeString(folder.resolve("model.yaml"), yaml(seed, SMALL_CLASSES, SMALL));
    }

    private ModelProto convolution() {
        input(SMALL);
        String weights = weights(1.0 / SMALL, SMALL_CLASSES, 3, SMALL, SMALL);
        String x = op("Conv", List.of("input", weights), ints("kernel_shape", SMALL, SMALL));
        add("Flatten", List.of(x), "output");
        return model(SMALL_CLASSES);
    }

    private static String yaml(long seed, int classes, int size) {
        return """
                # Random weights of seed %d: for measuring only.
                kind: classifier
                input: {width: %d, height: %d}
                resize: stretch
                color: RGB
                normalize: {scale: 1/255, mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225]}
                labels: [%s]
                outputs: {scores: output}
                """
                .formatted(
                        seed,
                        size,
                        size,
                        IntStream.range(0, classes)
                                .mapToObj(i -> "class_" + i)
                                .collect(Collectors.joining(", ")));
    }

    private ModelProto model(int width, int classes, int size) {
        input(size);
        String x = relu(convolution("input", 3, width, 7, 2, 1));
        x = op("MaxPool", List.of(x), ints("kernel_shape", 3, 3), ints("strides", 2, 2), pads(1));
        int channels = width;
        for (int stage = 0; stage < DEPTHS.length; stage++) {
            int inner = width << stage;
            for (int block = 0; block < DEPTHS[stage]; block++) {
                int stride = stage > 0 && block == 0 ? 2 : 1;
                x = block(x, channels, inner, stride);
                channels = EXPANSION * inner;
            }
        }
        x = op("GlobalAveragePool", List.of(x));
        x = op("Flatten", List.of(x));
        String weights = weights(1.5 / Math.sqrt(channels), classes, channels);
        String bias = constant(0, classes);
        x = op("Gemm", List.of(x, weights, bias), Nodes.attribute("transB", 1));
        add("Softmax", List.of(x), "output", Nodes.attribute("axis", -1));
        return model(classes);
    }

    private void input(int size) {
        graph.addInput(Nodes.tensor("input", DataType.FLOAT_VALUE, BATCH, List.of(3, size, size)));
    }

    private ModelProto model(int classes) {
        graph.addOutput(Nodes.tensor("output", DataType.FLOAT_VALUE, BATCH, List.of(classes)));
        return ModelProto.newBuilder()
                .setIrVersion(8)
                .setProducerName("millrace")
                .addOpsetImport(OperatorSetIdProto.newBuilder().setDomain("").setVersion(17))
                .setGraph(graph)
                .build();
    }

    private String block(String x, int channels, int inner, int stride) {
        int outer = EXPANSION * inner;
        String shortcut =
                channels == outer && stride == 1
                        ? x
                        : convolution(x, channels, outer, 1, stride, 1);
        String y = relu(convolution(x, channels, inner, 1, 1, 1));
        y = relu(convolution(y, inner, inner, 3, stride, 1));
        y = convolution(y, inner, outer, 1, 1, BRANCH_GAIN);
        return relu(op("Add", List.of(y, shortcut)));
    }

    private String relu(String x) {
        return op("Relu", List.of(x));
    }

    /** With the normalisation behind it. */
    private String convolution(String x, int in, int out, int kernel, int stride, float gain) {
        String weights = weights(Math.sqrt(2.0 / (in * kernel * kernel)), out, in, kernel, kernel);
        String y =
                op(
                        "Conv",
                        List.of(x, weights),
                        ints("kernel_shape", kernel, kernel),
                        ints("strides", stride, stride),
                        pads(kernel / 2));
        return op(
                "BatchNormalization",
                List.of(
                        y,
                        constant(gain, out),
                        constant(0, out),
                        constant(0, out),
                        constant(1, out)));
    }

    private String op(String type, List<String> inputs, AttributeProto... attributes) {
        return add(type, inputs, type.toLowerCase(Locale.ROOT) + "_" + count++, attributes);
    }

    private String add(
            String type, List<String> inputs, String output, AttributeProto... attributes) {
        graph.addNode(
                NodeProto.newBuilder()
                        .setName(output + "_node")
                        .setOpType(type)
                        .addAllInput(inputs)
                        .addOutput(output)
                        .addAllAttribute(List.of(attributes)));
        return output;
    }

    private static AttributeProto ints(String name, long... values) {
        return Nodes.attribute(name, Arrays.stream(values).boxed().toList());
    }

    private static AttributeProto pads(long each) {
        return Nodes.attribute("pads", Collections.nCopies(4, each));
    }

    private String weights(double deviation, long... shape) {
        float[] values =
                new float[Math.toIntExact(Arrays.stream(shape).reduce(1, Math::multiplyExact))];
        offset = (offset * 31 + 10_007) % TABLE;
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) (gaussians[(offset + i) % TABLE] * deviation);
        }
        return tensor("w_", values, shape);
    }

    private String constant(float value, int length) {
        float[] values = new float[length];
        Arrays.fill(values, value);
        return tensor("c_", values, length);
    }

    private String tensor(String prefix, float[] values, long... shape) {
        ByteBuffer raw =
                ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        raw.asFloatBuffer().put(values);
        String name = prefix + count++;
        graph.addInitializer(
                TensorProto.newBuilder()
                        .setName(name)
                        .setDataType(DataType.FLOAT_VALUE)
                        .addAllDims(Arrays.stream(shape).boxed().toList())
                        .setRawData(ByteString.copyFrom(raw)));
        return name;
    }
}
