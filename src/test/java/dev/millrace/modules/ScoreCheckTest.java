package dev.millrace.modules;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.api.ColorOrder;
import dev.millrace.api.Fidelity;
import dev.millrace.api.ModelSpec;
import dev.millrace.api.Normalization;
import dev.millrace.api.OutputTensor;
import dev.millrace.api.OutputTensors;
import dev.millrace.api.ResizeRule;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ScoreCheckTest {
    private static Optional<String> wrong(String kind, List<String> labels, float... values) {
        ModelSpec spec =
                new ModelSpec(
                        "cats",
                        "1",
                        kind,
                        4,
                        4,
                        new ResizeRule.Stretch(),
                        Fidelity.EXACT,
                        ColorOrder.RGB,
                        new Normalization(1, List.of(0.0, 0.0, 0.0), List.of(1.0, 1.0, 1.0)),
                        labels,
                        Map.of("scores", "logits", "map", "logits", "boxes", "b"),
                        Map.of(),
                        Optional.empty());
        MemorySegment data = Arena.ofAuto().allocateFrom(ValueLayout.JAVA_FLOAT, values);
        OutputTensors outputs =
                new OutputTensors(
                        List.of(new OutputTensor("logits", List.of(values.length), data)));
        return ScoreCheck.of(spec).flatMap(check -> check.wrong(outputs));
    }

    @Test
    void probabilitiesAreNothingToSay() {
        List<String> two = List.of("a", "b");
        assertEquals(Optional.empty(), wrong("classifier", two, 0.25f, 0.75f));
        assertEquals(Optional.empty(), wrong("classifier", two, 0.0005f, 1.0009f), "as in fp16");
        assertEquals(Optional.empty(), wrong("classifier", List.of("a"), 0.3f), "one class");
        assertEquals(Optional.empty(), wrong("detector", two, 0.9f, 0.9f, 0.8f, 0f));
        assertEquals(Optional.empty(), wrong("text", List.of(), 0f, 0f, 0.3f, 1f));
        assertEquals(Optional.empty(), wrong("my.Module", two, -3f, 9f), "its author's to know");
        assertEquals(Optional.empty(), wrong("classifier", two, Float.NaN, 9f), "a failure");
        assertEquals(
                Optional.empty(),
                wrong("text", two, Float.POSITIVE_INFINITY, 0f),
                "a failure, too");
    }

    @Test
    void whatIsOutsideOfZeroToOneIsNamedWithItsRemedy() {
        assertEquals(
                Optional.of(
                        "the output 'logits' of model 'cats' (outputs.scores in model.yaml) has values from -3.20 to 7.90 where probabilities from 0 to 1 are read, so the scores in results are not probabilities; write 'activation: softmax' in model.yaml"),
                wrong("classifier", List.of("a", "b"), -3.2f, 7.9f));
        assertTrue(wrong("detector", List.of("a"), 0.2f, 1.2f).orElseThrow().contains("sigmoid"));
        assertTrue(wrong("text", List.of(), -4f).orElseThrow().contains("(outputs.map in"));
    }

    @Test
    void classesThatDoNotShareOneAreNamed() {
        String said = wrong("classifier", List.of("a", "b"), 0.9f, 0.8f).orElseThrow();
        assertTrue(said.contains("adds up to 1.70 over the classes"), said);
        String less = wrong("classifier", List.of("a", "b"), 0.1f, 0.1f).orElseThrow();
        assertTrue(less.contains("adds up to 0.20 over the classes"), less);
        assertTrue(said.endsWith("where classes do not exclude each other, all is well"), said);
    }
}
