package dev.millrace.modules;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.millrace.api.Placement;
import dev.millrace.api.Verdict;
import dev.millrace.bundle.Bundle;
import dev.millrace.bundle.Golden;
import dev.millrace.bundle.Golden.Photo;
import dev.millrace.bundle.graph.Bundles;
import dev.millrace.bundle.graph.GraphRun;
import dev.millrace.modules.Detector.Detection;
import dev.millrace.modules.TextDetector.TextBox;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The engines and their modules on photos that need no resizing, so that nothing else differs. */
class EnginesOnPhotosTest {
    @TempDir private static Path cache;

    private static Verdict verdict(String engine, byte[] pixels, Photo photo, Placement placement)
            throws Exception {
        return verdict(Golden.ENGINES.resolve(engine), pixels, photo, placement);
    }

    private static Verdict verdict(Path engine, byte[] pixels, Photo photo, Placement placement)
            throws Exception {
        Bundle bundle = Bundles.load(engine, cache);
        return Modules.create(bundle.spec())
                .postprocess(
                        GraphRun.onPixels(bundle, pixels).outputs(bundle, 0),
                        Outputs.image(photo.width(), photo.height()),
                        placement);
    }

    @Test
    void theSafetyEngineCallsACatNeutral() throws Exception {
        Photo cat = Golden.photo("exact-224x224-cat.png");
        Verdict verdict = verdict("safety", cat.pixels(), cat, Outputs.SAME);
        assertEquals(Optional.of("Neutral"), verdict.label());
    }

    @Test
    @SuppressWarnings("unchecked")
    void theObjectsEngineFindsTheGoldenBirds() throws Exception {
        Photo wren = Golden.photo("exact-416x416-wren.png");
        Verdict verdict = verdict("objects", wren.bgr().pixels(), wren, Outputs.SAME);
        JsonNode expected =
                Golden.model("nanodet_g_416")
                        .path("images")
                        .path("exact-416x416-wren.png")
                        .at("/aa/detections");
        List<Detection> found = (List<Detection>) verdict.fields().get("detections");
        assertEquals(expected.size(), found.size(), found::toString);
        for (int i = 0; i < found.size(); i++) {
            Detection detection = found.get(i);
            assertEquals(expected.get(i).path("label").asText(), detection.label());
            assertEquals(expected.get(i).path("score").asDouble(), detection.score(), 1e-3);
            for (int edge = 0; edge < 4; edge++) {
                double golden = expected.get(i).path("box").get(edge).asDouble();
                // The golden file keeps one decimal.
                assertEquals(golden, detection.box().get(edge), 0.06, detection::toString);
            }
        }
    }

    @Test
    void theChoiceOfCandidatesChangesNoDetection(@TempDir Path folder) throws Exception {
        Photo wren = Golden.photo("exact-416x416-wren.png");
        Path objects = Golden.ENGINES.resolve("objects");
        String yaml = "score: 0.35";
        Path tailed = Golden.copy(objects, folder.resolve("tailed"), yaml, "score: 0.1");
        Path whole = Golden.copy(tailed, folder.resolve("whole"), "candidates: 300", "");
        Verdict expected = verdict(whole, wren.bgr().pixels(), wren, Outputs.SAME);
        assertTrue(((List<?>) expected.fields().get("detections")).size() > 5, expected::toString);
        assertEquals(expected, verdict(tailed, wren.bgr().pixels(), wren, Outputs.SAME));
    }

    @Test
    @SuppressWarnings("unchecked")
    void theTextEngineFindsTheLinesOfAPage() throws Exception {
        Photo page = Golden.photo("png-384x191-page-text.png");
        Verdict verdict = verdict("text", page.bgr().topLeftOf(640, 640), page, Outputs.SAME);
        List<TextBox> boxes = (List<TextBox>) verdict.fields().get("boxes");
        assertEquals(Optional.of("text"), verdict.label());
        assertEquals(7, boxes.size(), boxes::toString);
        // Rows of the lines that stand on the page.
        int[] middles = {24, 58, 76, 94, 111, 129, 180};
        for (int middle : middles) {
            assertTrue(
                    boxes.stream()
                            .anyMatch(
                                    box -> box.box().get(1) < middle && middle < box.box().get(3)),
                    "line at " + middle + " in " + boxes);
        }
        assertEquals(0.1785, (double) verdict.fields().get("text_fraction"), 0.02);
    }

    @Test
    void theTextEngineFindsNextToNothingOnACat() throws Exception {
        Photo cat = Golden.photo("exact-224x224-cat.png");
        Verdict verdict = verdict("text", cat.bgr().topLeftOf(640, 640), cat, Outputs.SAME);
        // It takes a few pixels of fur for a letter, as the original does.
        assertTrue((double) verdict.fields().get("text_fraction") < 0.001, verdict::toString);
    }
}
