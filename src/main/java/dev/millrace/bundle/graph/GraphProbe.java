package dev.millrace.bundle.graph;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.OrtSession.SessionOptions.OptLevel;
import dev.millrace.bundle.BundleException;
import dev.millrace.nativelib.OnnxRuntime;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Runs a graph on two different images, beside each other and each alone. This finds the shapes of
 * its outputs, which a graph may leave open, and that it gives an image the same result whatever
 * stands beside it: exporters write graphs that take a batch and look at its first image only.
 */
final class GraphProbe {
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
        this.images =
                new byte[][] {
                    ProbeImage.of(height, width, false), ProbeImage.of(height, width, true)
                };
    }

    /**
     * ProbedOutput name to shape without the batch, of a graph whose batch is open.
     *
     * @param model that takes {@code uint8 [N, height, width, 3]} as {@link Graft#INPUT}
     * @throws BundleException where it takes no batch of two, or says something else of an image
     *     that is not alone
     */
    Map<String, List<Integer>> open(ModelProto model) {
        try (OrtSession session = session(model)) {
            Map<String, ProbedOutput> both = run(session, images);
            List<Map<String, ProbedOutput>> alone =
                    List.of(run(session, images[0]), run(session, images[1]));
            requireRows(both, images.length);
            ProbedOutput.different(both, alone)
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
            Map<String, ProbedOutput> one = run(session, repeated((int) batch));
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
            Map<String, ProbedOutput> both = run(open, images);
            List<Map<String, ProbedOutput>> reference = new ArrayList<>();
            for (int i = 0; i < images.length; i++) {
                Map<String, ProbedOutput> rows = new LinkedHashMap<>();
                byte[][] filled = repeated((int) batch);
                filled[0] = images[i];
                run(fixed, filled).forEach((name, output) -> rows.put(name, output.row(0)));
                reference.add(rows);
            }
            return both.values().stream().allMatch(it -> it.rows() == images.length)
                    && ProbedOutput.different(both, reference).isEmpty()
                    && ProbedOutput.different(
                                    both, List.of(run(open, images[0]), run(open, images[1])))
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

    private Map<String, ProbedOutput> run(OrtSession session, byte[]... batch) throws OrtException {
        return run(session, outputs, batch);
    }

    private Map<String, ProbedOutput> run(OrtSession session, List<String> names, byte[]... batch)
            throws OrtException {
        OrtEnvironment environment = OnnxRuntime.environment();
        ByteBuffer pixels = ByteBuffer.allocateDirect(batch.length * images[0].length);
        for (byte[] image : batch) {
            pixels.put(image);
        }
        long[] shape = {batch.length, height, width, 3};
        Map<String, ProbedOutput> found = new LinkedHashMap<>();
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
                found.put(name, new ProbedOutput(output.getInfo().getShape(), values));
            }
        }
        return found;
    }

    private void requireRows(Map<String, ProbedOutput> found, long batch) {
        found.forEach(
                (name, output) -> {
                    if (output.rows() != batch) {
                        throw graph.wrong(
                                "output '" + name + "'",
                                "of " + output.rows() + " rows for " + batch + " images",
                                "does not grow with the batch; name an output that has a row for"
                                        + " each image, or export the model with a dynamic first"
                                        + " dimension");
                    }
                });
    }

    private static Map<String, List<Integer>> shapes(Map<String, ProbedOutput> found) {
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
