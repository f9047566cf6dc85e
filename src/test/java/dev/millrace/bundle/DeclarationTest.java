package dev.millrace.bundle;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.millrace.api.ColorOrder;
import dev.millrace.api.ModelSpec;
import dev.millrace.api.Normalization;
import dev.millrace.api.ResizeFilter;
import dev.millrace.api.ResizeRule;
import dev.millrace.api.ResizeRule.Alignment;
import dev.millrace.api.ResizeRule.Letterbox;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What stands in model.yaml is what modules and preprocessing are told. */
class DeclarationTest {
    @TempDir private Path folder;

    private Declaration read(String yaml) throws Exception {
        return DeclarationReader.read(Files.writeString(folder.resolve("model.yaml"), yaml));
    }

    /** A classifier whose other keys do not matter. */
    private Declaration with(String keys) throws Exception {
        String labels = keys.contains("labels:") ? "" : "labels: [a]\n";
        String resize = keys.contains("resize:") ? "" : "resize: stretch\n";
        return read(
                "kind: classifier\ninput: {width: 224, height: 200}\ncolor: RGB\nnormalize: {}\n"
                        + "outputs: {scores: out}\n"
                        + labels
                        + resize
                        + keys);
    }

    @Test
    void theExampleOfTheDocumentationIsRead() throws Exception {
        String docs = Files.readString(Path.of("docs/bundles.md"));
        int start = docs.indexOf("```yaml\n") + "```yaml\n".length();
        Declaration declared = read(docs.substring(start, docs.indexOf("```", start)));
        assertEquals("classifier", declared.kind());
        assertEquals(224, declared.width());
        assertEquals(new ResizeRule.Stretch(), declared.resize());
        assertEquals(ColorOrder.RGB, declared.colorOrder());
        assertEquals(
                new Normalization(
                        1.0 / 255, List.of(0.485, 0.456, 0.406), List.of(0.229, 0.224, 0.225)),
                declared.normalization());
        assertEquals(List.of("cat", "dog", "neither"), declared.labels());
        assertEquals(Map.of("scores", "output"), declared.outputs());
        assertEquals(Map.of(), declared.thresholds());
        assertEquals(Optional.empty(), declared.nms());
    }

    @Test
    void theObjectsEngineDeclaresItsReference() {
        Declaration declared = DeclarationReader.read(Golden.ENGINES.resolve("objects/model.yaml"));
        assertEquals(new Letterbox(Alignment.CENTER, 0, true), declared.resize());
        assertEquals(ColorOrder.BGR, declared.colorOrder());
        assertEquals(1, declared.normalization().scale());
        assertEquals(80, declared.labels().size());
        assertEquals("traffic light", declared.labels().get(9));
        assertEquals(Map.of("score", 0.35), declared.thresholds());
        assertEquals(Optional.of(new ModelSpec.Nms(0.6, true)), declared.nms());
        assertEquals(Optional.of(300), declared.candidates());
    }

    @Test
    void everyFormOfResizeIsRead() throws Exception {
        assertEquals(new ResizeRule.Stretch(), with("resize: stretch").resize());
        assertEquals(new ResizeRule.Crop(256), with("resize: {crop: 256}").resize());
        assertEquals(
                new ResizeRule.StretchCrop(256, 240),
                with("resize: {stretch: {width: 256, height: 240}}").resize());
        assertEquals(
                new ResizeRule.Crop(1, 0xffffff),
                with("resize: {crop: {shortSide: 1, fill: \"#ffffff\"}}").resize());
        assertEquals(
                new ResizeRule.Border(235, 200, 0x7c746b),
                with("resize: {border: {width: 235, height: 200, fill: \"#7c746b\"}}").resize());
        assertEquals(
                new Letterbox(Alignment.TOP_LEFT, 0, true, 800),
                with("resize: {letterbox: {align: top_left, shortSide: 800}}").resize());
        Letterbox plain = new Letterbox(Alignment.CENTER, 0, true);
        assertEquals(plain, with("resize: letterbox").resize());
        assertEquals(plain, with("resize: {letterbox: {}}").resize());
        assertEquals(
                new Letterbox(Alignment.TOP_LEFT, 0x7f80ff, false),
                with("resize: {letterbox: {align: top_left, fill: \"#7f80FF\", upscale: false}}")
                        .resize());
    }

    @Test
    void theFilterIsBilinearWhereNothingIsSaid() throws Exception {
        assertEquals(ResizeFilter.BILINEAR, with("").filter());
        assertEquals(ResizeFilter.BILINEAR, with("filter: bilinear").filter());
        assertEquals(ResizeFilter.BICUBIC, with("filter: bicubic").filter());
    }

    @Test
    void anEmptyValueCountsAsNone() throws Exception {
        Declaration declared =
                read(
                        """
                        kind: detector
                        input: {width: 1, height: 1, name: ''}
                        resize: {letterbox: }
                        color: BGR
                        normalize: {scale: }
                        labels: [a]
                        outputs: {boxes: b, scores: s}
                        thresholds: {score: }
                        nms:
                        """);
        assertEquals(Optional.empty(), declared.inputName());
        assertEquals(new Letterbox(Alignment.CENTER, 0, true), declared.resize());
        assertEquals(1, declared.normalization().scale());
        assertEquals(Map.of(), declared.thresholds());
        assertEquals(Optional.empty(), declared.nms());
    }

    @Test
    void labelsAreWhatTheFileSays() throws Exception {
        assertEquals(
                List.of("0", "no", "yes", "true", "traffic light", "007"),
                with("labels: [0, no, yes, true, traffic light, '007']").labels());
        Files.writeString(folder.resolve("labels.txt"), "\nred \r\n light blue\n");
        assertEquals(List.of("red", "light blue"), with("labels: labels.txt").labels());
    }

    @Test
    void numbersMayBeFractionsAndOneMayStandForThree() throws Exception {
        String yaml = "normalize: {scale: 2 / 255, mean: 1/2, std: [1/4, 0.5, 1]}";
        assertEquals(
                new Normalization(2.0 / 255, List.of(0.5, 0.5, 0.5), List.of(0.25, 0.5, 1.0)),
                read("""
                                kind: a.Class
                                input: {width: 1, height: 1}
                                resize: stretch
                                color: BGR
                                outputs: {x: y, z: w}
                                thresholds: {any: -3}
                                """
                                + yaml)
                        .normalization());
    }
}
