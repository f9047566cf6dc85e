package dev.millrace.modules;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.api.ImageInfo;
import dev.millrace.api.ModelSpec.Nms;
import dev.millrace.api.OutputTensors;
import dev.millrace.api.Placement;
import dev.millrace.api.Verdict;
import dev.millrace.modules.Detector.Detection;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

class DetectorTest {
    private static final Optional<Nms> HALF = Optional.of(new Nms(0.5, true));
    private static final ImageInfo IMAGE = Outputs.image(100, 100);

    private static Verdict detect(
            Optional<Nms> nms, Map<String, Double> thresholds, float[] boxes, float[] scores) {
        return detect(nms, thresholds, boxes, scores, IMAGE, Outputs.SAME);
    }

    private static Verdict detect(
            Optional<Nms> nms,
            Map<String, Double> thresholds,
            float[] boxes,
            float[] scores,
            ImageInfo image,
            Placement placement) {
        int rows = boxes.length / 4;
        OutputTensors outputs =
                Outputs.outputs(
                        Outputs.tensor("s", List.of(rows, scores.length / rows), scores),
                        Outputs.tensor("b", List.of(rows, 4), boxes));
        List<String> labels = List.of("cat", "dog", "bird").subList(0, scores.length / rows);
        return new Detector(
                        Outputs.spec(
                                "detector",
                                labels,
                                Map.of("boxes", "b", "scores", "s"),
                                thresholds,
                                nms))
                .postprocess(outputs, image, placement);
    }

    @SuppressWarnings("unchecked")
    private static List<Detection> detections(Verdict verdict) {
        return (List<Detection>) verdict.fields().get("detections");
    }

    private static float[] floats(double... values) {
        float[] floats = new float[values.length];
        for (int i = 0; i < values.length; i++) {
            floats[i] = (float) values[i];
        }
        return floats;
    }

    @Test
    void scoresBelowTheThresholdAreNoDetections() {
        float[] boxes = {0, 0, 10, 10, 20, 20, 30, 30, 40, 40, 50, 50};
        float[] scores = floats(0.35, 0.1, 0.34, 0.2, 0.3, 0.9);
        assertEquals(
                List.of(
                        new Detection("dog", 0.9f, List.of(40f, 40f, 50f, 50f)),
                        new Detection("cat", 0.35f, List.of(0f, 0f, 10f, 10f))),
                detections(detect(HALF, Map.of(), boxes, scores)));
        Verdict strict = detect(HALF, Map.of("score", 0.95), boxes, scores);
        assertEquals(List.of(), detections(strict));
        assertEquals(Optional.empty(), strict.label());
        assertEquals(Optional.of("dog"), detect(HALF, Map.of(), boxes, scores).label());
    }

    @Test
    void oneBoxCanBeTwoThings() {
        List<Detection> found =
                detections(detect(HALF, Map.of(), floats(0, 0, 10, 10), floats(0.6, 0.7)));
        assertEquals(List.of("dog", "cat"), found.stream().map(Detection::label).toList());
    }

    @Test
    void aBoxThatOverlapsABetterOneOfItsClassByMoreThanTheLimitIsDropped() {
        // Overlap of the first two: 6 x 10 of 10 x 10 + 10 x 10 - 60, that is 60 / 140.
        float[] boxes = {0, 0, 10, 10, 4, 0, 14, 10};
        float[] scores = floats(0.8, 0.7);
        double overlap = 60.0 / 140;
        assertEquals(2, kept(new Nms(overlap + 1e-9, true), boxes, scores));
        assertEquals(1, kept(new Nms(overlap - 1e-9, true), boxes, scores));
        float[] third = {0, 0, 3, 1, 0, 0, 1, 1};
        assertEquals(2, kept(new Nms(1.0 / 3, true), third, scores), "equal to the limit stays");
        assertEquals(2, kept(null, boxes, scores), "no rule, no suppression");
    }

    private static int kept(Nms nms, float[] boxes, float[] scores) {
        return detections(detect(Optional.ofNullable(nms), Map.of(), boxes, scores)).size();
    }

    @Test
    void classesSuppressEachOtherOnlyWhenTheRuleSaysSo() {
        float[] boxes = {0, 0, 10, 10, 0, 0, 10, 10};
        float[] scores = floats(0.8, 0, 0, 0.7);
        assertEquals(2, kept(new Nms(0.5, true), boxes, scores));
        assertEquals(1, kept(new Nms(0.5, false), boxes, scores));
    }

    @Test
    void aDroppedBoxDropsNothing() {
        // The second falls to the first; the third overlaps only the second.
        float[] boxes = {0, 0, 10, 10, 3, 0, 13, 10, 6, 0, 16, 10};
        List<Detection> found =
                detections(
                        detect(
                                Optional.of(new Nms(0.4, true)),
                                Map.of(),
                                boxes,
                                floats(0.9, 0.8, 0.7)));
        assertEquals(List.of(0.9f, 0.7f), found.stream().map(Detection::score).toList());
    }

    @Test
    void equalScoresKeepTheOrderOfTheModel() {
        float[] boxes = {0, 0, 10, 10, 1, 0, 11, 10, 50, 50, 60, 60};
        List<Detection> found = detections(detect(HALF, Map.of(), boxes, floats(0.5, 0.5, 0.5)));
        assertEquals(
                List.of(List.of(0f, 0f, 10f, 10f), List.of(50f, 50f, 60f, 60f)),
                found.stream().map(Detection::box).toList());
    }

    @Test
    void boxesAreInPixelsOfTheImageAndWithinIt() {
        // 200 x 100 in the middle of 100 x 100, at half its size.
        Placement placement = new Placement(0.5, 0.5, 0, 25);
        float[] boxes = {10, 30, 60, 70, -5, 0, 120, 90, 10, 0, 20, 25};
        List<Detection> found =
                detections(
                        detect(
                                HALF,
                                Map.of(),
                                boxes,
                                floats(0.9, 0.8, 0.7),
                                Outputs.image(200, 100),
                                placement));
        assertEquals(
                List.of(List.of(20f, 10f, 120f, 90f), List.of(0f, 0f, 200f, 100f)),
                found.stream().map(Detection::box).toList(),
                "the third lies in the fill alone");
    }

    @Test
    void aHundredAreWrittenAtMost() {
        float[] boxes = new float[4 * 300];
        float[] scores = new float[300];
        for (int i = 0; i < 300; i++) {
            boxes[4 * i + 2] = 100;
            boxes[4 * i] = i / 4f;
            boxes[4 * i + 3] = 1;
            scores[i] = 0.5f + i / 1000f;
        }
        List<Detection> found = detections(detect(Optional.empty(), Map.of(), boxes, scores));
        assertEquals(100, found.size());
        assertEquals(scores[299], found.getFirst().score());
        assertEquals(scores[200], found.getLast().score());
    }

    @Test
    void aValueThatIsNoNumberFailsTheImage() {
        assertThrows(
                IllegalStateException.class,
                () -> detect(HALF, Map.of(), floats(0, 0, 1, 1), floats(Float.NaN)));
        IllegalStateException failure =
                assertThrows(
                        IllegalStateException.class,
                        () -> detect(HALF, Map.of(), floats(0, 0, Float.NaN, 1), floats(0.9)));
        assertTrue(failure.getMessage().contains("'b' holds NaN at 2"), failure.getMessage());
    }

    /** The reference: class by class, in double precision, written as the textbook has it. */
    @Test
    void randomBoxesAreSuppressedAsTheReferenceDoes() {
        Random random = new Random(11);
        for (int round = 0; round < 200; round++) {
            int rows = 1 + random.nextInt(30);
            float[] boxes = new float[4 * rows];
            float[] scores = new float[3 * rows];
            for (int i = 0; i < rows; i++) {
                boxes[4 * i] = random.nextInt(40);
                boxes[4 * i + 1] = random.nextInt(40);
                boxes[4 * i + 2] = boxes[4 * i] + 1 + random.nextInt(30);
                boxes[4 * i + 3] = boxes[4 * i + 1] + 1 + random.nextInt(30);
            }
            for (int i = 0; i < scores.length; i++) {
                scores[i] = random.nextInt(50) / 50f;
            }
            List<Detection> expected = reference(boxes, scores, 0.35f, 0.45);
            List<Detection> found =
                    detections(detect(Optional.of(new Nms(0.45, true)), Map.of(), boxes, scores));
            assertEquals(expected, found, "round " + round);
        }
    }

    private static List<Detection> reference(
            float[] boxes, float[] scores, float threshold, double limit) {
        List<int[]> kept = new ArrayList<>();
        for (int label = 0; label < 3; label++) {
            int c = label;
            List<Integer> left = new ArrayList<>();
            for (int i = 0; i < boxes.length / 4; i++) {
                if (scores[3 * i + c] >= threshold) {
                    left.add(i);
                }
            }
            left.sort(Comparator.comparing(i -> -scores[3 * i + c]));
            while (!left.isEmpty()) {
                int best = left.removeFirst();
                kept.add(new int[] {best, c});
                left.removeIf(other -> overlap(boxes, best, other) > limit);
            }
        }
        kept.sort(
                Comparator.<int[], Float>comparing(at -> -scores[3 * at[0] + at[1]])
                        .thenComparing(at -> at[0])
                        .thenComparing(at -> at[1]));
        List<Detection> detections = new ArrayList<>();
        for (int[] at : kept) {
            List<Float> box = new ArrayList<>();
            for (int edge = 0; edge < 4; edge++) {
                box.add(boxes[4 * at[0] + edge]);
            }
            detections.add(
                    new Detection(
                            List.of("cat", "dog", "bird").get(at[1]),
                            scores[3 * at[0] + at[1]],
                            box));
        }
        return detections;
    }

    private static double overlap(float[] boxes, int a, int b) {
        double width =
                Math.min(boxes[4 * a + 2], boxes[4 * b + 2]) - Math.max(boxes[4 * a], boxes[4 * b]);
        double height =
                Math.min(boxes[4 * a + 3], boxes[4 * b + 3])
                        - Math.max(boxes[4 * a + 1], boxes[4 * b + 1]);
        double both = Math.max(0, width) * Math.max(0, height);
        return both / (area(boxes, a) + area(boxes, b) - both);
    }

    private static double area(float[] boxes, int i) {
        return (boxes[4 * i + 2] - boxes[4 * i]) * (boxes[4 * i + 3] - boxes[4 * i + 1]);
    }
}
