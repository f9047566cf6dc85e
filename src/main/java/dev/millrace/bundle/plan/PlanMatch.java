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
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * Holds a plan's sidecar against what it has to be for, before TensorRT sees the plan. What differs
 * is one line: the plan, the expected, the found, and what to do.
 */
public final class PlanMatch {
    private static final List<String> VERSION_PARTS = List.of("major", "minor", "patch", "build");

    private final Path plan;
    private final PlanDemand demand;
    private final GpuInfo gpu;
    private final Bundle.Origin origin;

    private PlanMatch(Path plan, PlanDemand demand) {
        this.plan = plan;
        this.demand = demand;
        this.gpu = demand.gpu();
        this.origin = demand.bundle().origin();
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
                            ("%s: this plan was tuned on a %s and now runs on a %s; it"
                                            + " works, but a plan that is built here may be faster")
                                    .formatted(plan, tuned, demand.gpu().name()));
        } catch (Sidecar.UnreadableException e) {
            return Optional.empty();
        }
    }

    /**
     * What a plan was built from, as its sidecar says; empty where it has none that is readable.
     */
    public static Optional<String> builderResource(Path plan) {
        try {
            return Optional.of(Sidecar.read(Sidecar.beside(plan)).builderResource());
        } catch (Sidecar.UnreadableException e) {
            return Optional.empty();
        }
    }

    private Optional<String> refusal() {
        if (!Files.isRegularFile(plan)) {
            return Optional.of(plan + ": missing; " + demand.remedy());
        }
        try {
            return refusal(Sidecar.read(Sidecar.beside(plan)));
        } catch (Sidecar.UnreadableException e) {
            return Optional.of(
                    "%s: the file that says what this plan is for cannot be used: %s; %s"
                            .formatted(Sidecar.beside(plan), e.getMessage(), demand.remedy()));
        }
    }

    private Optional<String> refusal(Sidecar sidecar) {
        // The content is read last: a plan is a large file.
        return Stream.<Supplier<Optional<String>>>of(
                        () -> tensorRt(sidecar.tensorRt(), gpu.tensorRt()),
                        () ->
                                differs(
                                        "CUDA major version",
                                        major(gpu.cuda()),
                                        major(sidecar.cuda())),
                        () -> architecture(sidecar),
                        () -> differs("precision", demand.precision().label(), sidecar.precision()),
                        () ->
                                differs(
                                        "conversion to fp16",
                                        "version " + Fp16Graph.VERSION,
                                        "version " + sidecar.conversion()),
                        () -> differs("model.onnx", origin.modelSha256(), sidecar.onnxSha256()),
                        () ->
                                differs(
                                        "preprocessing",
                                        origin.preprocessing(),
                                        sidecar.preprocessing()),
                        () -> batches(sidecar.profiles()),
                        () -> content(sidecar))
                .flatMap(check -> check.get().stream())
                .findFirst();
    }

    private Optional<String> architecture(Sidecar sidecar) {
        return differs(
                "GPU architecture",
                gpu.architecture() + " (" + gpu.name() + ")",
                sidecar.architecture() + " (" + sidecar.gpu() + ")",
                gpu.architecture().equals(sidecar.architecture()));
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

    private Optional<String> batches(List<OptimizationProfile> profiles) {
        int least = profiles.stream().mapToInt(OptimizationProfile::minBatch).min().orElse(0);
        int most = profiles.stream().mapToInt(OptimizationProfile::maxBatch).max().orElse(0);
        String wanted = "at least " + demand.maxBatch();
        return Stream.of(
                        differs("smallest batch", "1", "" + least),
                        differs("largest batch", wanted, "" + most, most >= demand.maxBatch()))
                .flatMap(Optional::stream)
                .findFirst();
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
                        "%s: %s is %s and must be %s; %s"
                                .formatted(plan, what, found, expected, demand.remedy()));
    }
}
