package dev.millrace.modules;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.api.ImageInfo;
import dev.millrace.api.Placement;
import dev.millrace.api.Verdict;
import dev.millrace.modules.TextDetector.TextBox;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class TextDetectorTest {
    /** The input is 100 x 100, and so is this map. */
    private final float[] map = new float[100 * 100];

    private Verdict detect(Map<String, Double> thresholds, ImageInfo image, Placement placement) {
        return detector(thresholds)
                .postprocess(
                        Outputs.outputs(Outputs.tensor("m", List.of(1, 100, 100), map)),
                        image,
                        placement);
    }

    private static TextDetector detector(Map<String, Double> thresholds) {
        return new TextDetector(
                Outputs.spec("text", List.of(), Map.of("map", "m"), thresholds, Optional.empty()));
    }

    private Verdict detect() {
        return detect(Map.of(), Outputs.image(100, 100), Outputs.SAME);
    }

    private void fill(int left, int top, int right, int bottom, double value) {
        for (int y = top; y < bottom; y++) {
            for (int x = left; x < right; x++) {
                map[100 * y + x] = (float) value;
            }
        }
    }

    @SuppressWarnings("unchecked")
    private static List<TextBox> boxes(Verdict verdict) {
        return (List<TextBox>) verdict.fields().get("boxes");
    }

    private static double fraction(Verdict verdict) {
        return (double) verdict.fields().get("text_fraction");
    }

    @Test
    void anEmptyMapIsNoText() {
        Verdict verdict = detect();
        assertEquals(Optional.of("none"), verdict.label());
        assertEquals(List.of(), boxes(verdict));
        assertEquals(0, fraction(verdict));
    }

    @Test
    void aRegionIsABoxWithItsMeanProbability() {
        fill(10, 20, 50, 30, 0.9);
        fill(10, 20, 50, 25, 0.7);
        Verdict verdict = detect();
        assertEquals(Optional.of("text"), verdict.label());
        assertEquals(1, boxes(verdict).size());
        assertEquals(0.8f, boxes(verdict).getFirst().score(), 1e-6);
        assertEquals(List.of(10f, 20f, 50f, 30f), boxes(verdict).getFirst().box());
        assertEquals(0.04, fraction(verdict), 1e-12);
    }

    @Test
    void aWeakRegionAndASpeckAreNoText() {
        fill(10, 20, 50, 30, 0.59);
        fill(60, 60, 62, 90, 0.9);
        fill(70, 60, 90, 62, 0.9);
        assertEquals(Optional.of("none"), detect().label());
        assertEquals(0, fraction(detect()));
        Verdict lenient = detect(Map.of("box", 0.5), Outputs.image(100, 100), Outputs.SAME);
        assertEquals(1, boxes(lenient).size());
        assertEquals(
                0,
                boxes(detect(Map.of("bitmap", 0.95), Outputs.image(100, 100), Outputs.SAME))
                        .size());
    }

    @Test
    void pixelsThatTouchAtACornerBelongTogether() {
        fill(0, 0, 5, 5, 0.9);
        fill(5, 5, 10, 10, 0.9);
        fill(20, 5, 25, 10, 0.9);
        fill(15, 10, 20, 15, 0.9);
        fill(30, 30, 35, 35, 0.9);
        fill(36, 36, 40, 40, 0.9);
        assertEquals(
                List.of(
                        List.of(0f, 0f, 10f, 10f),
                        List.of(15f, 5f, 25f, 15f),
                        List.of(30f, 30f, 35f, 35f),
                        List.of(36f, 36f, 40f, 40f)),
                boxes(detect()).stream().map(TextBox::box).toList());
    }

    @Test
    void armsThatMeetLaterAreOneRegion() {
        // A comb: teeth that only its back joins.
        for (int x = 0; x < 60; x += 6) {
            fill(x, 10, x + 3, 40, 0.9);
        }
        fill(0, 40, 57, 43, 0.9);
        assertEquals(
                List.of(List.of(0f, 10f, 57f, 43f)),
                boxes(detect()).stream().map(TextBox::box).toList());
    }

    @Test
    void onlyTheImageCountsNotTheFillAroundIt() {
        // 200 x 100 at half its size at the top: the lower half of the map is fill.
        fill(0, 40, 100, 100, 0.9);
        Verdict verdict = detect(Map.of(), Outputs.image(200, 100), new Placement(0.5, 0.5, 0, 0));
        assertEquals(List.of(0f, 80f, 200f, 100f), boxes(verdict).getFirst().box());
        assertEquals(0.2, fraction(verdict), 1e-12);
    }

    @Test
    void aSmallerMapIsScaledToTheInput() {
        float[] quarter = new float[25 * 25];
        for (int y = 5; y < 10; y++) {
            for (int x = 2; x < 12; x++) {
                quarter[25 * y + x] = 0.9f;
            }
        }
        Verdict verdict =
                detector(Map.of())
                        .postprocess(
                                Outputs.outputs(Outputs.tensor("m", List.of(25, 25), quarter)),
                                Outputs.image(50, 50),
                                new Placement(2, 2, 0, 0));
        assertEquals(List.of(4f, 10f, 24f, 20f), boxes(verdict).getFirst().box());
        assertEquals(50 / 625.0, fraction(verdict), 1e-12);
    }

    @Test
    void unclipGrowsABoxByItsAreaOverItsPerimeter() {
        fill(20, 20, 60, 30, 0.9);
        fill(0, 90, 40, 100, 0.9);
        // 40 x 10: 400 * 1.5 / 100 = 6 on each side.
        assertEquals(
                List.of(List.of(14f, 14f, 66f, 36f), List.of(0f, 84f, 46f, 100f)),
                boxes(detect(Map.of("unclip", 1.5), Outputs.image(100, 100), Outputs.SAME)).stream()
                        .map(TextBox::box)
                        .toList());
    }

    @Test
    void aValueThatIsNoNumberFailsTheImage() {
        map[777] = Float.NaN;
        IllegalStateException failure = assertThrows(IllegalStateException.class, this::detect);
        assertTrue(failure.getMessage().contains("holds NaN in row 7"), failure.getMessage());
    }

    @Test
    void randomMapsFallIntoTheRegionsThatAFloodFillFinds() {
        Random random = new Random(5);
        for (int round = 0; round < 100; round++) {
            double density = 0.05 + 0.6 * random.nextDouble();
            for (int i = 0; i < map.length; i++) {
                map[i] = random.nextDouble() < density ? 0.9f : 0.1f;
            }
            assertEquals(
                    flooded(),
                    boxes(detect()).stream().map(TextBox::box).toList(),
                    "round " + round);
        }
    }

    private List<List<Float>> flooded() {
        List<List<Float>> found = new ArrayList<>();
        Set<Integer> seen = new HashSet<>();
        for (int i = 0; i < map.length; i++) {
            if (map[i] > 0.3 && seen.add(i)) {
                int[] box = {100, 100, 0, 0};
                Deque<Integer> open = new ArrayDeque<>(List.of(i));
                while (!open.isEmpty()) {
                    int at = open.pop();
                    int x = at % 100;
                    int y = at / 100;
                    box[0] = Math.min(box[0], x);
                    box[1] = Math.min(box[1], y);
                    box[2] = Math.max(box[2], x + 1);
                    box[3] = Math.max(box[3], y + 1);
                    for (int ny = Math.max(0, y - 1); ny <= Math.min(99, y + 1); ny++) {
                        for (int nx = Math.max(0, x - 1); nx <= Math.min(99, x + 1); nx++) {
                            if (map[100 * ny + nx] > 0.3 && seen.add(100 * ny + nx)) {
                                open.push(100 * ny + nx);
                            }
                        }
                    }
                }
                if (box[2] - box[0] >= 3 && box[3] - box[1] >= 3) {
                    found.add(
                            List.of(
                                    (float) box[0],
                                    (float) box[1],
                                    (float) box[2],
                                    (float) box[3]));
                }
            }
        }
        found.sort(
                Comparator.comparing((List<Float> box) -> box.get(1))
                        .thenComparing(box -> box.get(0)));
        return found;
    }
}
