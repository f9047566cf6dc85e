package dev.millrace.bundle.graph;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.millrace.api.Normalization;
import dev.millrace.bundle.Bundle;
import dev.millrace.bundle.Golden;
import dev.millrace.gpu.TensorSpec;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The grafted graphs give what the original ones gave in the reference environment (another version
 * of ONNX Runtime, fed with floats).
 */
class EngineGoldenTest {
    private static final double TOLERANCE = 1e-3;

    @TempDir private static Path cache;

    @ParameterizedTest
    @CsvSource({
        "engines/safety, nsfw_mobilenet_v2",
        "src/test/resources/engines/colors, tiny_meancolor",
        "src/test/resources/engines/random, tiny_random",
        "src/test/resources/engines/resnet, light_resnet50_dyn"
    })
    void classifiersGiveTheirGoldenScores(Path directory, String model) throws Exception {
        Bundle bundle = Bundles.load(directory, cache);
        JsonNode expected = Golden.model(model).path("pattern").path("output");
        GraphRun run = GraphRun.onPixels(bundle, patterns(bundle, expected.size()));
        double worst = 0;
        for (int n = 0; n < expected.size(); n++) {
            worst = Math.max(worst, deviationOfStart(expected.get(n), run.row("output", n)));
        }
        assertClose(directory.getFileName() + " pattern", worst);
    }

    @Test
    void aPhotoOfTheInputsSizeGivesItsGoldenScores() throws Exception {
        String photo = "exact-224x224-cat.png";
        Bundle bundle = Bundles.load(Golden.ENGINES.resolve("safety"), cache);
        float[] scores = GraphRun.onPixels(bundle, Golden.photo(photo).pixels()).row("output", 0);
        JsonNode best = Golden.model("nsfw_mobilenet_v2").path("images").path(photo).at("/aa/top");
        assertEquals(5, best.size());
        double worst = 0;
        for (JsonNode entry : best) {
            int label = bundle.spec().labels().indexOf(entry.get(0).asText());
            worst = max(worst, scores[label] - entry.get(1).asDouble());
        }
        assertClose(photo, worst);
    }

    @Test
    void theWholeDetectorGivesItsGoldenBoxesAndScores(@TempDir Path folder) throws Exception {
        Bundle bundle = Bundles.load(withoutTail(folder), cache);
        assertEquals(
                List.of(
                        new TensorSpec("boxes", TensorSpec.Type.FLOAT32, List.of(3549, 4)),
                        new TensorSpec("scores", TensorSpec.Type.FLOAT32, List.of(3549, 80))),
                bundle.outputs());
        JsonNode pattern = Golden.model("nanodet_g_416").path("pattern");
        GraphRun run = GraphRun.onPixels(bundle, patterns(bundle, 3));
        for (String output : List.of("boxes", "scores")) {
            // Boxes are in pixels, up to 544, where 1e-3 is two parts in a million.
            JsonNode golden = pattern.path(output);
            double worst = 0;
            for (int n = 0; n < 3; n++) {
                float[] row = run.row(output, n);
                double[] all = IntStream.range(0, row.length).mapToDouble(i -> row[i]).toArray();
                worst = max(worst, mean(all) - golden.path("mean").get(n).asDouble());
                worst =
                        max(
                                worst,
                                Arrays.stream(all).max().orElse(0)
                                        - golden.path("max").get(n).asDouble());
                worst = max(worst, deviationOfStart(golden.path("first_row").get(n), row));
            }
            assertClose("objects " + output, worst);
        }
    }

    @Test
    void theTailLetsTheBestRowsPassAndChangesNothingInThem(@TempDir Path folder) throws Exception {
        Bundle tailed = Bundles.load(Golden.ENGINES.resolve("objects"), cache);
        assertEquals(
                Map.of("boxes", "millrace_boxes", "scores", "millrace_scores"),
                tailed.spec().outputs());
        assertEquals(
                List.of(
                        new TensorSpec("millrace_boxes", TensorSpec.Type.FLOAT32, List.of(300, 4)),
                        new TensorSpec(
                                "millrace_scores", TensorSpec.Type.FLOAT32, List.of(300, 80))),
                tailed.outputs());
        byte[][] images = patterns(tailed, 2);
        GraphRun best = GraphRun.onPixels(tailed, images);
        GraphRun whole = GraphRun.onPixels(Bundles.load(withoutTail(folder), cache), images);
        for (int n = 0; n < images.length; n++) {
            int[] order = bestFirst(whole.row("scores", n), 80);
            float[] boxes = rows(whole.row("boxes", n), 4, order, 300);
            float[] scores = rows(whole.row("scores", n), 80, order, 300);
            assertArrayEquals(boxes, best.row("millrace_boxes", n), 1e-3f);
            assertArrayEquals(scores, best.row("millrace_scores", n), 1e-6f);
        }
    }

    @Test
    void theTextEngineGivesWhatItsOriginalGives() throws Exception {
        Bundle bundle = Bundles.load(Golden.ENGINES.resolve("text"), cache);
        String map = "sigmoid_0.tmp_0";
        assertEquals(
                List.of(new TensorSpec(map, TensorSpec.Type.FLOAT32, List.of(1, 640, 640))),
                bundle.outputs());
        byte[] pixels = Golden.pattern(1, 640, 640);
        float[] grafted = GraphRun.onPixels(bundle, pixels).row(map, 0);
        float[] original =
                GraphRun.onFloats(
                                Golden.ENGINES.resolve("text/model.onnx"),
                                "x",
                                normalized(pixels, bundle.spec().normalization()),
                                1,
                                3,
                                640,
                                640)
                        .row(map, 0);
        assertClose("text pattern", GraphRun.deviation(original, grafted));
    }

    @Test
    void everyEngineIsReadyToLoad() {
        assertAll(
                List.of("safety", "objects", "text").stream()
                        .map(
                                name ->
                                        () -> {
                                            Bundle bundle =
                                                    Bundles.load(
                                                            Golden.ENGINES.resolve(name), cache);
                                            assertEquals(name, bundle.spec().name());
                                            assertEquals(12, bundle.spec().version().length());
                                            assertEquals(
                                                    bundle.outputs(), bundle.source(4).outputs());
                                            assertEquals(4, bundle.source(4).maxBatch());
                                        }));
    }

    private static Path withoutTail(Path folder) throws Exception {
        return Golden.copy(
                Golden.ENGINES.resolve("objects"),
                folder.resolve("objects"),
                "candidates: 300",
                "");
    }

    private static byte[][] patterns(Bundle bundle, int count) {
        byte[][] images = new byte[count][];
        for (int n = 0; n < count; n++) {
            images[n] =
                    Golden.pattern(n, bundle.input().shape().get(0), bundle.input().shape().get(1));
        }
        return images;
    }

    /** {@code float32 [3, H, W]} as the original graph wants it, of {@code uint8 [H, W, 3]}. */
    private static float[] normalized(byte[] pixels, Normalization rule) {
        float[] planes = new float[pixels.length];
        int plane = pixels.length / 3;
        for (int i = 0; i < pixels.length; i++) {
            int c = i % 3;
            double value = (pixels[i] & 0xff) * rule.scale() - rule.mean().get(c);
            planes[c * plane + i / 3] = (float) (value / rule.std().get(c));
        }
        return planes;
    }

    private static int[] bestFirst(float[] scores, int classes) {
        double[] best = new double[scores.length / classes];
        for (int i = 0; i < scores.length; i++) {
            best[i / classes] = Math.max(best[i / classes], scores[i]);
        }
        return IntStream.range(0, best.length)
                .boxed()
                .sorted((a, b) -> Double.compare(best[b], best[a]))
                .mapToInt(Integer::intValue)
                .toArray();
    }

    private static float[] rows(float[] values, int columns, int[] order, int count) {
        float[] rows = new float[count * columns];
        for (int i = 0; i < count; i++) {
            System.arraycopy(values, order[i] * columns, rows, i * columns, columns);
        }
        return rows;
    }

    /** The golden file holds the first values of some rows only. */
    private static double deviationOfStart(JsonNode expected, float[] actual) {
        assertFalse(expected.isEmpty());
        double worst = 0;
        for (int i = 0; i < expected.size(); i++) {
            worst = max(worst, actual[i] - expected.get(i).asDouble());
        }
        return worst;
    }

    private static double mean(double[] values) {
        return Arrays.stream(values).average().orElse(0);
    }

    private static double max(double worst, double difference) {
        return Math.max(worst, Math.abs(difference));
    }

    private static void assertClose(String what, double deviation) {
        String line = what + ": largest deviation from the reference " + deviation;
        assertTrue(deviation <= TOLERANCE, line);
    }
}
