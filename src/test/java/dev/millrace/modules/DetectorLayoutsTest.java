package dev.millrace.modules;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnx.proto.OnnxMl.ModelProto;
import dev.millrace.api.OutputTensor;
import dev.millrace.api.OutputTensors;
import dev.millrace.bundle.Bundle;
import dev.millrace.bundle.Golden;
import dev.millrace.bundle.Golden.Photo;
import dev.millrace.bundle.Nodes;
import dev.millrace.bundle.graph.Bundles;
import dev.millrace.bundle.graph.GraphRun;
import dev.millrace.modules.Detector.Detection;
import dev.millrace.testing.Slow;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The shipped detector with the outputs of other families: in each layout that {@code columns} and
 * the keys beside it describe, the golden detections come out.
 */
@Slow
class DetectorLayoutsTest {
    private static final int SIDE = 416;
    private static final int BOXES = 3549;
    private static final Set<String> TENSORRT = operators();

    @TempDir private static Path folder;

    private static ModelProto objects;
    private static String yaml;
    private static List<Detection> expected;
    private static List<Detection> expectedOfBest;

    /** Changes the outputs of the model; returns it. */
    @FunctionalInterface
    private interface Layout {
        ModelProto of(Relaid graph);
    }

    private static Set<String> operators() {
        try {
            return Files.readAllLines(Path.of("src/test/resources/tensorrt/operators.txt")).stream()
                    .filter(line -> !line.startsWith("#"))
                    .collect(Collectors.toSet());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @BeforeAll
    static void readTheShippedDetector() throws Exception {
        Path engine = Golden.ENGINES.resolve("objects");
        objects = ModelProto.parseFrom(Files.readAllBytes(engine.resolve("model.onnx")));
        String low = "score: 0.15";
        Path shipped = Golden.copy(engine, folder.resolve("shipped"), "score: 0.35", low);
        yaml = Files.readString(shipped.resolve("model.yaml"));
        Bundle bundle = Bundles.load(shipped, folder.resolve("cache"));
        expected = detections(bundle, false);
        expectedOfBest = detections(bundle, true);
        assertTrue(expectedOfBest.size() < expected.size(), expected::toString);
        assertTrue(expected.size() > 2, expected::toString);
    }

    static Stream<Arguments> layouts() {
        return Stream.of(
                layout(
                        "YOLOv8, 9, 11: transposed, centres",
                        "{detections: out}\ncolumns: [cx, cy, w, h, scores]",
                        graph -> {
                            List<String> box = graph.centres();
                            String rows =
                                    graph.concat(
                                            box.get(0),
                                            box.get(1),
                                            box.get(2),
                                            box.get(3),
                                            "scores");
                            graph.named(graph.turned(rows), "out");
                            return graph.with("out");
                        }),
                layout(
                        "YOLOv5, 7: objectness",
                        "{detections: out}\ncolumns: [cx, cy, w, h, objectness, scores]",
                        graph -> {
                            List<String> box = graph.centres();
                            graph.named(
                                    graph.concat(
                                            box.get(0),
                                            box.get(1),
                                            box.get(2),
                                            box.get(3),
                                            graph.column(box.get(0), 0.5),
                                            graph.times("scores", 2)),
                                    "out");
                            return graph.with("out");
                        }),
                layout(
                        "YOLOX: cells of a grid",
                        "{detections: out}\ncolumns: [cx, cy, w, h, objectness, scores]\ngrid: [8, 16, 32]",
                        graph -> {
                            List<String> box = graph.centres();
                            String steps = graph.floats(List.of(1L, (long) BOXES, 1L), cells(2));
                            String x =
                                    graph.node(
                                            "Sub",
                                            List.of(
                                                    graph.node("Div", List.of(box.get(0), steps)),
                                                    graph.floats(
                                                            List.of(1L, (long) BOXES, 1L),
                                                            cells(0))));
                            String y =
                                    graph.node(
                                            "Sub",
                                            List.of(
                                                    graph.node("Div", List.of(box.get(1), steps)),
                                                    graph.floats(
                                                            List.of(1L, (long) BOXES, 1L),
                                                            cells(1))));
                            String least = graph.floats(List.of(1L), 1e-3f);
                            String width = graph.node("Max", List.of(box.get(2), least));
                            String height = graph.node("Max", List.of(box.get(3), least));
                            graph.named(
                                    graph.concat(
                                            x,
                                            y,
                                            graph.node(
                                                    "Log",
                                                    List.of(
                                                            graph.node(
                                                                    "Div", List.of(width, steps)))),
                                            graph.node(
                                                    "Log",
                                                    List.of(
                                                            graph.node(
                                                                    "Div",
                                                                    List.of(height, steps)))),
                                            graph.column(x, 1),
                                            "scores"),
                                    "out");
                            return graph.with("out");
                        }),
                layout(
                        "RT-DETR of Hugging Face: logits and fractions",
                        "{boxes: pred_boxes, scores: logits}\ncolumns: [cx, cy, w, h]\nunits: fraction\nactivation: sigmoid",
                        graph -> {
                            graph.named(
                                    graph.times(
                                            graph.concat(graph.centres().toArray(String[]::new)),
                                            1.0 / SIDE),
                                    "pred_boxes");
                            graph.named(graph.logits("scores"), "logits");
                            return graph.with("logits", "pred_boxes");
                        }),
                layout(
                        "RF-DETR: one logit more than classes",
                        "{boxes: dets, scores: labels}\ncolumns: [cx, cy, w, h]\nunits: fraction\nactivation: sigmoid\nbackground: last",
                        graph -> {
                            graph.named(
                                    graph.times(
                                            graph.concat(graph.centres().toArray(String[]::new)),
                                            1.0 / SIDE),
                                    "dets");
                            graph.named(
                                    graph.concat(
                                            graph.logits("scores"),
                                            graph.column(graph.columns("scores", 0, 1), 9)),
                                    "labels");
                            return graph.with("dets", "labels");
                        }),
                layout(
                        "a background class first, boxes as [K, 1, 4]",
                        "{boxes: four, scores: confs}\nbackground: first\ncolumns: [x1, y1, x2, y2]",
                        graph -> {
                            graph.named(
                                    graph.node(
                                            "Reshape",
                                            List.of("boxes", graph.longs(0, BOXES, 1, 4))),
                                    "four");
                            graph.named(
                                    graph.concat(
                                            graph.column(graph.columns("scores", 0, 1), 0.99),
                                            "scores"),
                                    "confs");
                            return graph.with("four", "confs");
                        }),
                layout(
                        "TF: y before x, both transposed",
                        "{boxes: out, scores: turned}\ncolumns: [y1, x1, y2, x2]\nunits: fraction",
                        graph -> {
                            List<String> box = graph.corners();
                            graph.named(
                                    graph.turned(
                                            graph.times(
                                                    graph.concat(
                                                            box.get(1),
                                                            box.get(0),
                                                            box.get(3),
                                                            box.get(2)),
                                                    1.0 / SIDE)),
                                    "out");
                            graph.named(graph.turned("scores"), "turned");
                            return graph.with("out", "turned");
                        }),
                layout(
                        "corner and size",
                        "{detections: out}\ncolumns: [scores, x1, y1, w, h]",
                        graph -> {
                            List<String> corner = graph.corners();
                            List<String> size = graph.centres();
                            graph.named(
                                    graph.concat(
                                            "scores",
                                            corner.get(0),
                                            corner.get(1),
                                            size.get(2),
                                            size.get(3)),
                                    "out");
                            return graph.with("out");
                        }),
                layout(
                        "YOLOv10, YOLO26: one class for each box",
                        "{detections: out}\ncolumns: [x1, y1, x2, y2, score, class]",
                        graph -> {
                            List<String> best = graph.best();
                            graph.named(graph.concat("boxes", best.get(0), best.get(1)), "out");
                            return graph.with("out");
                        }),
                layout(
                        "EfficientDet: columns that are not read",
                        "{detections: out}\ncolumns: [skip, y1, x1, y2, x2, score, class]",
                        graph -> {
                            List<String> box = graph.corners();
                            List<String> best = graph.best();
                            graph.named(
                                    graph.concat(
                                            graph.column(box.get(0), 7),
                                            box.get(1),
                                            box.get(0),
                                            box.get(3),
                                            box.get(2),
                                            best.get(0),
                                            best.get(1)),
                                    "out");
                            return graph.with("out");
                        }),
                layout(
                        "TF SSD: outputs of their own, a count, classes from 1",
                        "{boxes: boxes, score: s, class: c, count: n}\n#gap",
                        graph -> {
                            List<String> best = graph.best();
                            String flat = graph.longs(0, BOXES);
                            graph.named(graph.node("Reshape", List.of(best.get(0), flat)), "s");
                            graph.named(
                                    graph.plus(
                                            graph.node("Reshape", List.of(best.get(1), flat)), 1),
                                    "c");
                            String one =
                                    graph.node(
                                            "Slice",
                                            List.of(
                                                    "s",
                                                    graph.longs(0),
                                                    graph.longs(1),
                                                    graph.longs(1)));
                            graph.named(
                                    graph.node(
                                            "Reshape",
                                            List.of(graph.column(one, BOXES), graph.longs(-1))),
                                    "n");
                            return graph.with("boxes", "s", "c", "n");
                        }),
                layout(
                        "only the best label of a box",
                        "{boxes: boxes, scores: scores}\nboxLabels: best",
                        graph -> graph.with("boxes", "scores")));
    }

    private static Arguments layout(String name, String outputs, Layout layout) {
        return Arguments.of(name, outputs, layout);
    }

    /** Of each row: the place of its cell across and down, and the cell's side. */
    private static float[] cells(int what) {
        float[] values = new float[BOXES];
        int row = 0;
        for (int stride : new int[] {8, 16, 32}) {
            int cells = SIDE / stride;
            for (int i = 0; i < cells * cells; i++) {
                int place = what == 0 ? i % cells : i / cells;
                values[row++] = what == 2 ? stride : place;
            }
        }
        return values;
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("layouts")
    void theGoldenDetectionsComeOut(String name, String outputs, Layout layout) throws Exception {
        Path bundle = Files.createTempDirectory(folder, "layout");
        Files.write(bundle.resolve("model.onnx"), layout.of(new Relaid(objects)).toByteArray());
        String text = yaml.replace("{boxes: boxes, scores: scores}", outputs);
        if (outputs.contains("#gap")) {
            text = text.replace("person, bicycle", "~, person, bicycle");
        }
        assertTrue(text.contains(outputs));
        Files.writeString(bundle.resolve("model.yaml"), text);
        Bundle loaded = Bundles.load(bundle, folder.resolve("cache"));

        List<Detection> found = detections(loaded, false);
        boolean every = loaded.spec().outputs().containsKey("scores");
        List<Detection> expected = every ? DetectorLayoutsTest.expected : expectedOfBest;
        assertEquals(expected.size(), found.size(), found::toString);
        for (int i = 0; i < found.size(); i++) {
            assertEquals(expected.get(i).label(), found.get(i).label());
            assertEquals(expected.get(i).score(), found.get(i).score(), 0.005);
            double overlap = overlap(expected.get(i).box(), found.get(i).box());
            assertTrue(overlap >= 0.98, () -> overlap + " of " + found);
        }
        assertTensorRtKnows(loaded);
    }

    private static void assertTensorRtKnows(Bundle bundle) throws Exception {
        Set<String> grafted =
                ModelProto.parseFrom(Files.readAllBytes(bundle.onnx()))
                        .getGraph()
                        .getNodeList()
                        .stream()
                        .filter(node -> node.getName().startsWith(Nodes.PREFIX))
                        .map(node -> node.getOpType())
                        .collect(Collectors.toSet());
        assertTrue(grafted.size() > 5, grafted::toString);
        assertTrue(TENSORRT.containsAll(grafted), () -> grafted + " of " + TENSORRT);
    }

    /**
     * @param bestOnly whether only the best score of each box is left
     */
    @SuppressWarnings("unchecked")
    private static List<Detection> detections(Bundle bundle, boolean bestOnly) throws Exception {
        Photo wren = Golden.photo("exact-416x416-wren.png");
        OutputTensors outputs = GraphRun.onPixels(bundle, wren.bgr().pixels()).outputs(bundle, 0);
        if (bestOnly) {
            OutputTensor scores = outputs.named(bundle.spec().output("scores"));
            int classes = scores.shape().get(1);
            for (int row = 0; row < scores.shape().get(0); row++) {
                int best = row * classes;
                for (int i = row * classes; i < (row + 1) * classes; i++) {
                    best = scores.get(i) > scores.get(best) ? i : best;
                }
                for (int i = row * classes; i < (row + 1) * classes; i++) {
                    if (i != best) {
                        scores.data().setAtIndex(ValueLayout.JAVA_FLOAT, i, 0);
                    }
                }
            }
        }
        return (List<Detection>)
                Modules.create(bundle.spec())
                        .postprocess(outputs, Outputs.image(SIDE, SIDE), Outputs.SAME)
                        .fields()
                        .get("detections");
    }

    /** Intersection over union. */
    private static double overlap(List<Float> a, List<Float> b) {
        double width = Math.min(a.get(2), b.get(2)) - Math.max(a.get(0), b.get(0));
        double height = Math.min(a.get(3), b.get(3)) - Math.max(a.get(1), b.get(1));
        double both = Math.max(0, width) * Math.max(0, height);
        return both / (area(a) + area(b) - both);
    }

    private static double area(List<Float> box) {
        return (box.get(2) - box.get(0)) * (box.get(3) - box.get(1));
    }
}
