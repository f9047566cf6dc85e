package dev.millrace.bundle.plan;

import dev.millrace.bundle.Bundle;
import dev.millrace.bundle.Sha256;
import dev.millrace.gpu.GpuInfo;
import dev.millrace.gpu.PlanCompiler.OptimizationProfile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Holds a plan's sidecar against what it has to be for, before TensorRT sees the plan. What differs
 * is one line: the plan, the expected, the found, and what to do.
 */
public final class PlanMatch {
    private static final List<String> VERSION_PARTS = List.of("major", "minor", "patch", "build");

    private final Path plan;
    private final PlanDemand demand;

    private PlanMatch(Path plan, PlanDemand demand) {
        this.plan = plan;
        this.demand = demand;
    }

    /** Why the plan must not be loaded; empty where it fits. */
    public static Optional<String> refusal(Path plan, PlanDemand demand) {
        return new PlanMatch(plan, demand).refusal();
    }

    /**
     * What is worth saying of a plan that fits: TensorRT binds a plan to the architecture, and one
     * that was tuned on another GPU of it runs, but perhaps slower than it could.
     */
    public static Optional<String> warning(Path plan, PlanDemand demand) {
        try {
            String tuned = Sidecar.read(Sidecar.beside(plan)).gpu();
            return tuned.equals(demand.gpu().name())
                    ? Optional.empty()
                    : Optional.of(
                            plan
                                    + ": was tuned on a "
                                    + tuned
                                    + " and runs on a "
                                    + demand.gpu().name()
                                    + "; it works, but building it here may make it faster");
        } catch (Sidecar.UnreadableException e) {
            return Optional.empty();
        }
    }

    private Optional<String> refusal() {
        if (!Files.isRegularFile(plan)) {
            return Optional.of(plan + ": missing; " + demand.remedy());
        }
        Sidecar sidecar;
        try {
            sidecar = Sidecar.read(Sidecar.beside(plan));
        } catch (Sidecar.UnreadableException e) {
            return Optional.of(
                    Sidecar.beside(plan)
                            + ": does not say what the plan is for: "
                            + e.getMessage()
                            + "; "
                            + demand.remedy());
        }
        return machine(sidecar)
                .or(() -> model(sidecar))
                .or(() -> batches(sidecar.profiles()))
                .or(() -> content(sidecar));
    }

    private Optional<String> machine(Sidecar sidecar) {
        GpuInfo gpu = demand.gpu();
        return tensorRt(sidecar.tensorRt(), gpu.tensorRt())
                .or(() -> differs("CUDA major version", major(gpu.cuda()), major(sidecar.cuda())))
                .or(
                        () ->
                                differs(
                                        "GPU architecture",
                                        gpu.architecture() + " (" + gpu.name() + ")",
                                        sidecar.architecture() + " (" + sidecar.gpu() + ")",
                                        gpu.architecture().equals(sidecar.architecture())));
    }

    private Optional<String> tensorRt(String found, String expected) {
        String[] foundParts = found.split("\\.");
        String[] expectedParts = expected.split("\\.");
        for (int i = 0; i < VERSION_PARTS.size(); i++) {
            if (!part(foundParts, i).equals(part(expectedParts, i))) {
                return differs("TensorRT " + VERSION_PARTS.get(i) + " version", expected, found);
            }
        }
        return Optional.empty();
    }

    private static String part(String[] parts, int index) {
        return index < parts.length ? parts[index] : "";
    }

    private static String major(String version) {
        return version.split("\\.")[0];
    }

    private Optional<String> model(Sidecar sidecar) {
        Bundle.Origin origin = demand.bundle().origin();
        return differs("precision", demand.precision().label(), sidecar.precision())
                .or(
                        () ->
                                differs(
                                        "conversion to fp16",
                                        "version " + Fp16Graph.VERSION,
                                        "version " + sidecar.conversion()))
                .or(() -> differs("model.onnx", origin.modelSha256(), sidecar.onnxSha256()))
                .or(
                        () ->
                                differs(
                                        "preprocessing",
                                        origin.preprocessing(),
                                        sidecar.preprocessing()));
    }

    private Optional<String> batches(List<OptimizationProfile> profiles) {
        int least = profiles.stream().mapToInt(OptimizationProfile::minBatch).min().orElse(0);
        int most = profiles.stream().mapToInt(OptimizationProfile::maxBatch).max().orElse(0);
        return differs("smallest batch", "1", "" + least)
                .or(
                        () ->
                                differs(
                                        "largest batch",
                                        "at least " + demand.maxBatch(),
                                        "" + most,
                                        most >= demand.maxBatch()));
    }

    private Optional<String> content(Sidecar sidecar) {
        try {
            return differs("content (sha-256)", sidecar.planSha256(), Sha256.hex(plan));
        } catch (IOException e) {
            return Optional.of(plan + ": cannot be read (" + e + "); check its permissions");
        }
    }

    private Optional<String> differs(String what, String expected, String found) {
        return differs(what, expected, found, expected.equals(found));
    }

    private Optional<String> differs(String what, String expected, String found, boolean fits) {
        return fits
                ? Optional.empty()
                : Optional.of(
                        plan
                                + ": "
                                + what
                                + " is "
                                + found
                                + " and must be "
                                + expected
                                + "; "
                                + demand.remedy());
    }
}
