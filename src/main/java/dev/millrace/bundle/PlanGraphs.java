package dev.millrace.bundle;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The graphs that plans are built from: folded, and with types that say the precision. */
public final class PlanGraphs {
    private PlanGraphs() {}

    /**
     * The graph of a bundle in this precision, kept in the cache beside the grafted one. Takes and
     * gives what the bundle's own graph does, so that ONNX Runtime can run it in its place.
     *
     * @throws BundleException where the graph cannot be converted
     */
    public static Path of(Bundle bundle, Precision precision) {
        Path entry = bundle.onnx().getParent();
        String name = "model." + precision.label() + "-" + HalfGraph.VERSION + ".onnx";
        return new BundleCache(entry.getParent())
                .file(entry.getFileName().toString(), name, () -> build(bundle, precision))
                .file();
    }

    private static byte[] build(Bundle bundle, Precision precision) {
        ModelProto folded = FoldedGraph.of(read(bundle.onnx()));
        if (precision == Precision.FP32) {
            return folded.toByteArray();
        }
        byte[] half = HalfGraph.of(folded).toByteArray();
        check(bundle, half);
        return half;
    }

    private static byte[] read(Path onnx) {
        try {
            return Files.readAllBytes(onnx);
        } catch (IOException e) {
            throw BundleException.of(
                    onnx, "model", e, "cannot be read; load the bundle again, which makes it");
        }
    }

    /** Types that do not fit each other are found here and not by a build that takes minutes. */
    private static void check(Bundle bundle, byte[] half) {
        try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
            options.setSessionLogLevel(OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR);
            options.setOptimizationLevel(OrtSession.SessionOptions.OptLevel.NO_OPT);
            OrtEnvironment.getEnvironment().createSession(half, options).close();
        } catch (OrtException e) {
            throw new BundleException(
                    bundle.origin().folder()
                            + ": its graph cannot be converted to fp16 ("
                            + e.getMessage()
                            + "); use the precision fp32");
        }
    }
}
