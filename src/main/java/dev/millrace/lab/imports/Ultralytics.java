package dev.millrace.lab.imports;

import dev.millrace.config.ConfigException;
import java.util.List;

/** What exports of Ultralytics' YOLO say of themselves. */
final class Ultralytics {
    private static final String SOURCE = "the model's metadata, of Ultralytics";
    private static final String CUSTOM = "how Ultralytics trains and predicts";

    private Ultralytics() {}

    static boolean wrote(ModelSurface model) {
        return model.metadata("names").isPresent() && model.metadata("stride").isPresent();
    }

    static void read(ModelSurface model, Facts facts) {
        String task = model.metadata("task").orElse("detect");
        facts.labels(PythonLiterals.names(model.metadata("names").orElse("")), SOURCE);
        model.metadata("license").ifPresent(facts::license);
        List<Integer> sides = PythonLiterals.numbers(model.metadata("imgsz").orElse(""));
        if (!sides.isEmpty()) {
            facts.add("height", sides.getFirst(), SOURCE);
            facts.add("width", sides.getLast(), SOURCE);
        }
        facts.add("color", "RGB", CUSTOM);
        facts.add("normalize", "{scale: 1/255}", CUSTOM);
        switch (task) {
            case "detect" -> {
                facts.add("kind", "detector", SOURCE);
                facts.add("resize", "{letterbox: {fill: \"#727272\"}}", CUSTOM);
                facts.add("thresholds", "{score: 0.25}", CUSTOM);
                facts.add("nms", "{iou: 0.7, perClass: true}", CUSTOM);
                facts.add("boxLabels", "best", CUSTOM);
            }
            case "classify" -> {
                facts.add("kind", "classifier", SOURCE);
                int side = sides.stream().mapToInt(Integer::intValue).max().orElse(224);
                facts.add("resize", "{crop: " + side + "}", CUSTOM);
            }
            default ->
                    throw new ConfigException(
                            "the model's task is '%s', whose result cannot be read yet; export a model that detects or classifies"
                                    .formatted(task));
        }
    }
}
