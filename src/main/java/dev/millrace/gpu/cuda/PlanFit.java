package dev.millrace.gpu.cuda;

import dev.millrace.gpu.EngineSource;
import dev.millrace.gpu.PlanCompiler.OptimizationProfile;
import dev.millrace.gpu.PlanCompiler.Tensor;
import dev.millrace.gpu.TensorSpec;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Whether a plan is one of the model that it is loaded for. A pure function. */
final class PlanFit {
    private PlanFit() {}

    /** The first thing that does not fit, if any. */
    static Optional<String> mismatch(
            EngineSource source, List<Tensor> tensors, List<OptimizationProfile> profiles) {
        int expected = source.inputs().size() + source.outputs().size();
        if (tensors.size() != expected) {
            return Optional.of(
                    "it has " + tensors.size() + " tensors and the model has " + expected);
        }
        return tensors(source.inputs(), true, source, tensors)
                .or(() -> tensors(source.outputs(), false, source, tensors))
                .or(() -> batch(source.maxBatch(), profiles));
    }

    private static Optional<String> tensors(
            List<TensorSpec> specs, boolean input, EngineSource source, List<Tensor> tensors) {
        return specs.stream()
                .map(spec -> tensor(spec, input, source.maxBatch(), tensors))
                .flatMap(Optional::stream)
                .findFirst();
    }

    private static Optional<String> tensor(
            TensorSpec spec, boolean input, int maxBatch, List<Tensor> tensors) {
        String kind = (input ? "input" : "output") + " '" + spec.name() + "'";
        Optional<Tensor> found =
                tensors.stream()
                        .filter(t -> t.input() == input && t.name().equals(spec.name()))
                        .findFirst();
        if (found.isEmpty()) {
            return Optional.of("it has no " + kind);
        }
        String is = found.get().type() + " " + found.get().shape();
        String shouldBe = type(spec) + " " + shape(-1, spec);
        // An export that has fixed its batch keeps it in the plan.
        String fixed = type(spec) + " " + shape(maxBatch, spec);
        return is.equals(shouldBe) || is.equals(fixed)
                ? Optional.empty()
                : Optional.of("its " + kind + " is " + is + " and the model's is " + shouldBe);
    }

    private static List<Integer> shape(int batch, TensorSpec spec) {
        return Stream.concat(Stream.of(batch), spec.shape().stream()).toList();
    }

    private static String type(TensorSpec spec) {
        return switch (spec.type()) {
            case UINT8 -> "UINT8";
            case FLOAT32 -> "FP32";
        };
    }

    private static Optional<String> batch(int maxBatch, List<OptimizationProfile> profiles) {
        OptimizationProfile profile = profiles.getFirst();
        return profile.minBatch() == 1 && profile.maxBatch() >= maxBatch
                ? Optional.empty()
                : Optional.of(
                        "it takes %s to %s images per batch and the model must take 1 to %s"
                                .formatted(profile.minBatch(), profile.maxBatch(), maxBatch));
    }
}
