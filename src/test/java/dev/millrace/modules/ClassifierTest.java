package dev.millrace.modules;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.api.Verdict;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ClassifierTest {
    private static Verdict classify(float... scores) {
        List<String> labels =
                IntStream.range(0, scores.length).mapToObj(i -> "class-" + i).toList();
        return new Classifier(
                        Outputs.spec(
                                "classifier",
                                labels,
                                Map.of("scores", "out"),
                                Map.of(),
                                Optional.empty()))
                .postprocess(
                        Outputs.outputs(Outputs.tensor("out", List.of(scores.length), scores)),
                        Outputs.image(10, 10),
                        Outputs.SAME);
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Float> scores(Verdict verdict) {
        return (Map<String, Float>) verdict.fields().get("scores");
    }

    @Test
    void aFewClassesAreAllWrittenInTheirOrder() {
        Verdict verdict = classify(0.2f, 0.7f, 0.1f);
        assertEquals(Optional.of("class-1"), verdict.label());
        assertEquals("{class-0=0.2, class-1=0.7, class-2=0.1}", scores(verdict).toString());
    }

    @Test
    void ofManyClassesTheBestFiveAreWrittenBestFirst() {
        float[] values = new float[21];
        for (int i = 0; i < values.length; i++) {
            values[i] = (i * 8 % 21) / 100f;
        }
        Verdict verdict = classify(values);
        assertEquals(
                List.of("class-13", "class-5", "class-18", "class-10", "class-2"),
                new ArrayList<>(scores(verdict).keySet()));
        assertEquals(0.2f, scores(verdict).get("class-13"));
    }

    @Test
    void theFirstOfEqualsWins() {
        assertEquals(Optional.of("class-1"), classify(0.1f, 0.4f, 0.4f, 0.1f).label());
        float[] flat = new float[1000];
        assertEquals(
                List.of("class-0", "class-1", "class-2", "class-3", "class-4"),
                new ArrayList<>(scores(classify(flat)).keySet()));
    }

    @Test
    void oneClassIsAClass() {
        assertEquals(Optional.of("class-0"), classify(0.3f).label());
    }

    @Test
    void aScoreThatIsNoNumberFailsTheImage() {
        IllegalStateException failure =
                assertThrows(IllegalStateException.class, () -> classify(0.1f, Float.NaN));
        assertTrue(failure.getMessage().contains("'out' holds NaN at 1"), failure.getMessage());
    }
}
