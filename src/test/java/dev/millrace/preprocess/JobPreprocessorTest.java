package dev.millrace.preprocess;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.millrace.api.ColorOrder;
import dev.millrace.api.Fidelity;
import dev.millrace.api.Image;
import dev.millrace.api.ImageInfo;
import dev.millrace.api.InputTensor;
import dev.millrace.api.ModelSpec;
import dev.millrace.api.Normalization;
import dev.millrace.api.OutputTensors;
import dev.millrace.api.Placement;
import dev.millrace.api.ResizeRule;
import dev.millrace.api.Verdict;
import dev.millrace.api.VisionModule;
import dev.millrace.image.TestImages;
import dev.millrace.job.Failure;
import dev.millrace.job.NativeGuard;
import dev.millrace.job.PreprocessedImage;
import dev.millrace.job.StageClock;
import dev.millrace.testing.Messages;
import java.lang.foreign.Arena;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What a module throws while it prepares an image. */
class JobPreprocessorTest {
    private static final int SIDE = 8;

    private static final class Throwing extends VisionModule {
        private final Error error;

        Throwing(Error error) {
            super(
                    new ModelSpec(
                            "tiny",
                            "1",
                            "test",
                            SIDE,
                            SIDE,
                            new ResizeRule.Stretch(),
                            Fidelity.FAST,
                            ColorOrder.RGB,
                            new Normalization(1, List.of(0.0, 0.0, 0.0), List.of(1.0, 1.0, 1.0)),
                            List.of(),
                            Map.of(),
                            Map.of(),
                            Optional.empty()));
            this.error = error;
        }

        @Override
        public Placement preprocess(Image image, InputTensor input) {
            throw error;
        }

        @Override
        public Verdict postprocess(OutputTensors outputs, ImageInfo image, Placement placement) {
            return Verdict.unlabelled(Map.of());
        }
    }

    private static PreprocessedImage prepare(Error thrown) {
        byte[] photo = TestImages.photo("exact-224x224-cat.png");
        try (Arena arena = Arena.ofConfined();
                JobPreprocessor preprocessor =
                        new JobPreprocessor(
                                new Throwing(thrown),
                                DecodeBudget.unlimited(),
                                NativeGuard.NONE,
                                new StageClock())) {
            InputTensor scratch = new InputTensor(0, SIDE, SIDE, arena.allocate(SIDE * SIDE * 3L));
            return preprocessor.prepare(Messages.of("a"), photo, scratch, () -> {});
        }
    }

    @Test
    void anErrorOfTheModuleIsTheFailureOfItsTask() {
        for (Error error :
                List.of(
                        new StackOverflowError(),
                        new NoClassDefFoundError("a/B"),
                        new AssertionError("never"))) {
            Failure failure =
                    assertInstanceOf(PreprocessedImage.Failed.class, prepare(error)).failure();
            assertEquals(Failure.Kind.PREPROCESS_FAILED, failure.kind());
        }
    }

    @Test
    void anErrorOfTheProcessIsItsEnd() {
        assertThrows(InternalError.class, () -> prepare(new InternalError("for the test")));
    }
}
