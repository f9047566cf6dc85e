package dev.millrace.gpu.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.millrace.gpu.EngineSource;
import dev.millrace.gpu.PlanCompiler.OptimizationProfile;
import dev.millrace.gpu.PlanCompiler.Tensor;
import dev.millrace.gpu.TensorSpec;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class PlanFitTest {
    private static final EngineSource SOURCE =
            new EngineSource(
                    "safety",
                    Path.of("model.onnx"),
                    List.of(new TensorSpec("pixels", TensorSpec.Type.UINT8, List.of(224, 224, 3))),
                    List.of(new TensorSpec("scores", TensorSpec.Type.FLOAT32, List.of(5))),
                    8);
    private static final Tensor PIXELS =
            new Tensor("pixels", true, "UINT8", List.of(-1, 224, 224, 3));
    private static final Tensor SCORES = new Tensor("scores", false, "FP32", List.of(-1, 5));
    private static final OptimizationProfile UP_TO_16 = new OptimizationProfile(1, 8, 16);

    private static void assertMismatch(
            String expected, OptimizationProfile profile, Tensor... tensors) {
        assertEquals(
                Optional.of(expected),
                PlanFit.mismatch(SOURCE, List.of(tensors), List.of(profile)));
    }

    @Test
    void aPlanOfTheModelFits() {
        assertEquals(
                Optional.empty(),
                PlanFit.mismatch(SOURCE, List.of(SCORES, PIXELS), List.of(UP_TO_16)));
    }

    @Test
    void aPlanOfAFixedBatchFitsAModelOfThatBatchAlone() {
        Tensor pixels = new Tensor("pixels", true, "UINT8", List.of(1, 224, 224, 3));
        Tensor scores = new Tensor("scores", false, "FP32", List.of(1, 5));
        OptimizationProfile one = new OptimizationProfile(1, 1, 1);
        EngineSource fixed =
                new EngineSource(
                        SOURCE.name(), SOURCE.onnx(), SOURCE.inputs(), SOURCE.outputs(), 1);
        assertEquals(
                Optional.empty(), PlanFit.mismatch(fixed, List.of(pixels, scores), List.of(one)));
        assertMismatch(
                "its input 'pixels' is UINT8 [1, 224, 224, 3] and the model's is UINT8 [-1, 224, 224, 3]",
                one,
                pixels,
                scores);
    }

    @Test
    void eachDifferenceHasItsLine() {
        assertMismatch("it has 1 tensors and the model has 2", UP_TO_16, PIXELS);
        assertMismatch(
                "it has no input 'pixels'",
                UP_TO_16,
                new Tensor("images", true, "UINT8", PIXELS.shape()),
                SCORES);
        assertMismatch(
                "it has no output 'scores'",
                UP_TO_16,
                PIXELS,
                new Tensor("scores", true, "FP32", SCORES.shape()));
        assertMismatch(
                "its input 'pixels' is FP32 [-1, 224, 224, 3] and the model's is UINT8 [-1, 224, 224, 3]",
                UP_TO_16,
                new Tensor("pixels", true, "FP32", PIXELS.shape()),
                SCORES);
        assertMismatch(
                "its output 'scores' is FP32 [-1, 4] and the model's is FP32 [-1, 5]",
                UP_TO_16,
                PIXELS,
                new Tensor("scores", false, "FP32", List.of(-1, 4)));
        assertMismatch(
                "it takes 1 to 4 images per batch and the model must take 1 to 8",
                new OptimizationProfile(1, 4, 4),
                PIXELS,
                SCORES);
        assertMismatch(
                "it takes 2 to 8 images per batch and the model must take 1 to 8",
                new OptimizationProfile(2, 4, 8),
                PIXELS,
                SCORES);
    }
}
