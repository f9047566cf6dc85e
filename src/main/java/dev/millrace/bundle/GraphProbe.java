package dev.millrace.bundle;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.OrtSession.SessionOptions.OptLevel;
import dev.millrace.nativelib.OnnxRuntime;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Runs a graph on two different images, beside each other and each alone. This finds the shapes of
 * its outputs, which a graph may leave open, and that it gives an image the same result whatever
 * stands beside it: exporters write graphs that take a batch and look at its first image only.
 */
final class GraphProbe {
    /** Of the largest value: sums in another order, and quantized steps that fall otherwise. */
    private static final double TOLERANCE = 1e-2;

    private static final Pattern NEWEST = Pattern.compile("till opset (\\d+)");

    private final ModelGraph graph;
    private final int height;
    private final int width;
    private final List<String> outputs;
    private final byte[][] images;

    /**
     * @param graph for messages
     * @param outputs names, in the order in which shapes are returned
     */
    GraphProbe(ModelGraph graph, int height, int width, List<String> outputs) {
        this.graph = graph;
        this.height = height;
        this.width = width;
        this.outputs = outputs;
        this.images = new byte[][] {image(false), image(true)};
    }

    /** A ramp with a disc on it, across or down: smooth, as photos are, and unlike the other. */
    private byte[] image(boolean other) {
        byte[] image = new byte[height * width * 3];
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                double dx = (x + 0.5) / width - (other ? 0.7 : 0.35);
                double dy = (y + 0.5) / height - (other ? 0.3 : 0.6);
                boolean disc = dx * dx + dy * dy < (other ? 0.02 : 0.06);
                int ramp = other ? 255 - 255 * y / height : 255 * x / width;
                for (int c = 0; c < 3; c++) {
                    int value = disc ? (other ? 40 + 90 * c : 220 - 80 * c) : ramp - 20 * c;
                    image[3 * (y * width + x) + c] = (byte) Math.clamp(value, 0, 255);
                }
            }
        }
        return image;
    }

    /** An output of one run. */
    private record Output(long[] shape, float[] values) {
        Output row(int row) {
            int length = values.length / (int) shape[0];
            float[] part = new float[length];
            System.arraycopy(values, row * length, part, 0, length);
            long[] one = shape.clone();
            one[0] = 1;
            return new Output(one, part);
        }
    }

    /**
     * Output name to shape without the batch, of a graph whose batch is open.
     *
     * @param model that takes {@code uint8 [N, height, width, 3]} as {@link Graft#INPUT}
     * @throws BundleException where it takes no batch of two, or says something else of an image
     *     that is not alone
     */
    Map<String, List<Integer>> open(ModelProto model) {
        try (OrtSession session = session(model)) {
            Map<String, Output> both = run(session, images);
            List<Map<String, Output>> alone =
                    List.of(run(session, images[0]), run(session, images[1]));
            requireRows(both, images.length);
            different(both, alone)
                    .ifPresent(
                            name -> {
                                throw graph.wrong(
                                        "output '" + name + "'",
                                        "of the second image of a batch",
                                        "is not what the model gives for that image alone; export"
                                                + " the model with a dynamic batch, or with a batch"
                                                + " of 1");
                            });
            return shapes(both);
        } catch (OrtException e) {
            throw refused(e, images.length);
        }
    }

    /** The same of a graph whose batch is fixed. */
    Map<String, List<Integer>> fixed(ModelProto model, long batch) {
        try (OrtSession session = session(model)) {
            Map<String, Output> one = run(session, repeated((int) batch));
            requireRows(one, batch);
            return shapes(one);
        } catch (OrtException e) {
            throw refused(e, batch);
        }
    }

    /**
     * Whether {@code opened} gives each of two images what {@code original} gives, whose batch is
     * fixed.
     */
    boolean isOpened(ModelProto opened, ModelProto original, long batch) {
        try (OrtSession open = session(opened);
                OrtSession fixed = session(original)) {
            Map<String, Output> both = run(open, images);
            List<Map<String, Output>> reference = new ArrayList<>();
            for (int i = 0; i < images.length; i++) {
                Map<String, Output> rows = new LinkedHashMap<>();
                byte[][] filled = repeated((int) batch);
                filled[0] = images[i];
                run(fixed, filled).forEach((name, output) -> rows.put(name, output.row(0)));
                reference.add(rows);
            }
            return both.values().stream().allMatch(it -> rows(it) == images.length)
                    && different(both, reference).isEmpty()
                    && different(both, List.of(run(open, images[0]), run(open, images[1])))
                            .isEmpty();
        } catch (OrtException e) {
            return false;
        }
    }

    /**
     * Runs a graph that has its tail too, so that what does not fit is found here.
     *
     * @param batch that is fixed; 0 where it is open
     */
    void require(ModelProto complete, long batch) {
        try (OrtSession session = session(complete)) {
            int count = batch == 0 ? images.length : Math.toIntExact(batch);
            List<String> names = List.copyOf(session.getOutputNames());
            run(session, names, repeated(count));
        } catch (OrtException e) {
            throw refused(e, Math.max(1, batch));
        }
    }

    private byte[][] repeated(int batch) {
        byte[][] filled = new byte[batch][];
        for (int i = 0; i < batch; i++) {
            filled[i] = images[i % images.length];
        }
        return filled;
    }

    private static OrtSession session(ModelProto model) throws OrtException {
        // A few runs do not earn back what the optimiser costs.
        try (OrtSession.SessionOptions options = OnnxRuntime.options(OptLevel.NO_OPT)) {
            // What it would say comes as an exception too, and may be nothing but a try.
            options.setSessionLogLevel(OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL);
            return OnnxRuntime.environment().createSession(model.toByteArray(), options);
        }
    }

    private Map<String, Output> run(OrtSession session, byte[]... batch) throws OrtException {
        return run(session, outputs, batch);
    }

    private Map<String, Output> run(OrtSession session, List<String> names, byte[]... batch)
            throws OrtException {
        OrtEnvironment environment = OnnxRuntime.environment();
        ByteBuffer pixels = ByteBuffer.allocateDirect(batch.length * images[0].length);
        for (byte[] image : batch) {
            pixels.put(image);
        }
        long[] shape = {batch.length, height, width, 3};
        Map<String, Output> found = new LinkedHashMap<>();
        try (OnnxTensor input =
                        OnnxTensor.createTensor(
                                environment, pixels.flip(), shape, OnnxJavaType.UINT8);
                OrtSession.Result result =
                        session.run(Map.of(Graft.INPUT, input), Set.copyOf(names))) {
            for (String name : names) {
                OnnxTensor output = (OnnxTensor) result.get(name).orElseThrow();
                FloatBuffer buffer = output.getFloatBuffer();
                float[] values = new float[buffer.remaining()];
                buffer.get(values);
                found.put(name, new Output(output.getInfo().getShape(), values));
            }
        }
        return found;
    }

    /** The first output of which a row in the batch is not as it is alone. */
    private static Optional<String> different(
            Map<String, Output> both, List<Map<String, Output>> alone) {
        return both.keySet().stream()
                .filter(name -> isDifferent(both.get(name), name, alone))
                .findFirst();
    }

    /** And it must be nearer to its own image's than to half the way to the other's. */
    private static boolean isDifferent(Output both, String name, List<Map<String, Output>> alone) {
        Output first = alone.get(0).get(name);
        Output second = alone.get(1).get(name);
        double apart = distance(first.values(), second.values());
        for (int i = 0; i < alone.size(); i++) {
            float[] own = alone.get(i).get(name).values();
            double off = distance(both.row(i).values(), own);
            double largest = largest(own);
            if (off > TOLERANCE * largest || off > apart / 2 && off > 1e-5 * largest) {
                return true;
            }
        }
        return false;
    }

    private static double distance(float[] a, float[] b) {
        if (a.length != b.length) {
            return Double.POSITIVE_INFINITY;
        }
        double most = 0;
        for (int i = 0; i < a.length; i++) {
            if (Float.compare(a[i], b[i]) != 0) {
                double off = Math.abs((double) a[i] - b[i]);
                most = Math.max(most, Double.isNaN(off) ? Double.POSITIVE_INFINITY : off);
            }
        }
        return most;
    }

    private static double largest(float[] values) {
        double most = 0;
        for (float value : values) {
            most = Math.max(most, Float.isFinite(value) ? Math.abs(value) : 0);
        }
        return most;
    }

    private static long rows(Output output) {
        return output.shape().length == 0 ? 0 : output.shape()[0];
    }

    private void requireRows(Map<String, Output> found, long batch) {
        found.forEach(
                (name, output) -> {
                    if (rows(output) != batch) {
                        throw graph.wrong(
                                "output '" + name + "'",
                                "of " + rows(output) + " rows for " + batch + " images",
                                "does not grow with the batch; name an output that has a row for"
                                        + " each image, or export the model with a dynamic first"
                                        + " dimension");
                    }
                });
    }

    private static Map<String, List<Integer>> shapes(Map<String, Output> found) {
        Map<String, List<Integer>> shapes = new LinkedHashMap<>();
        found.forEach(
                (name, output) -> {
                    List<Integer> row = new ArrayList<>();
                    for (int i = 1; i < output.shape().length; i++) {
                        row.add(Math.toIntExact(output.shape()[i]));
                    }
                    shapes.put(name, row);
                });
        return shapes;
    }

    private BundleException refused(OrtException e, long batch) {
        Matcher newest = NEWEST.matcher(String.valueOf(e.getMessage()));
        if (newest.find()) {
            return graph.wrong(
                    "opset",
                    graph.opset(),
                    "is newer than what this ONNX Runtime knows, opset %1$s; export the model with opset %1$s or less"
                            .formatted(newest.group(1)));
        }
        return graph.wrong(
                "graph",
                e.getMessage().replaceFirst("^Error code.*?message: ", ""),
                "is how ONNX Runtime refuses a batch of %s; export the model with a dynamic batch and standard operators"
                        .formatted(batch));
    }
}
