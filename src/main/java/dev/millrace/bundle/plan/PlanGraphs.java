package dev.millrace.bundle.plan;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.OrtSession.SessionOptions.OptLevel;
import dev.millrace.bundle.Bundle;
import dev.millrace.bundle.BundleCache;
import dev.millrace.bundle.BundleException;
import dev.millrace.nativelib.OnnxRuntime;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.UnaryOperator;

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
        return cached(
                bundle,
                precision.label(),
                switch (precision) {
                    case FP16 -> folded -> half(bundle, folded);
                    case FP32 -> folded -> folded;
                });
    }

    /**
     * A graph that rounds in ONNX Runtime on a CPU as the bundle's FP16 plan does on a GPU; of use
     * for comparing them only.
     */
    public static Path rounding(Bundle bundle) {
        return cached(
                bundle,
                "rounding",
                folded -> isQuantized(folded) ? folded : Fp16Graph.rounding(folded));
    }

    /** Who quantized a model has said how it is computed. */
    private static ModelProto half(Bundle bundle, ModelProto folded) {
        return isQuantized(folded) ? folded : checked(bundle, Fp16Graph.of(folded));
    }

    private static boolean isQuantized(ModelProto folded) {
        return folded.getGraph().getNodeList().stream()
                .anyMatch(node -> node.getOpType().equals("QuantizeLinear"));
    }

    private static Path cached(Bundle bundle, String name, UnaryOperator<ModelProto> convert) {
        Path entry = bundle.onnx().getParent();
        return new BundleCache(entry.getParent())
                .file(
                        entry.getFileName().toString(),
                        "model." + name + "-" + Fp16Graph.VERSION + ".onnx",
                        () -> convert.apply(FoldedGraph.of(read(bundle.onnx()))).toByteArray())
                .file();
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
    private static ModelProto checked(Bundle bundle, ModelProto half) {
        try (OrtSession.SessionOptions options = OnnxRuntime.options(OptLevel.NO_OPT)) {
            OnnxRuntime.environment().createSession(half.toByteArray(), options).close();
            return half;
        } catch (OrtException e) {
            throw new BundleException(
                    "%s: its graph cannot be converted to fp16 (%s); use fp32 (engine.precision, or --precision)"
                            .formatted(bundle.origin().folder(), e.getMessage()));
        }
    }
}
