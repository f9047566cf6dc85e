package dev.millrace.lab.imports;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** What OpenVINO's Model API keeps in a model's metadata, in keys that begin with model_info. */
final class OpenVino {
    private static final String SOURCE = "the model's metadata, of OpenVINO's Model API";

    private OpenVino() {}

    private static Optional<String> key(ModelSurface model, String name) {
        return model.metadata("model_info " + name);
    }

    static boolean wrote(ModelSurface model) {
        return key(model, "model_type").isPresent();
    }

    static void read(ModelSurface model, Facts facts) {
        String type = key(model, "model_type").orElse("").toLowerCase(Locale.ROOT);
        boolean several = key(model, "multilabel").orElse("False").equalsIgnoreCase("true");
        if (type.contains("classification")) {
            facts.add("kind", "classifier", SOURCE);
            boolean raw = key(model, "output_raw_scores").orElse("False").equalsIgnoreCase("true");
            if (raw || several) {
                facts.add("activation", several ? "sigmoid" : "softmax", SOURCE);
            }
        } else if (type.contains("segmentation")) {
            facts.add("kind", "segmentation", SOURCE);
        } else if (type.contains("ssd") || type.contains("yolo") || type.contains("detection")) {
            facts.add("kind", "detector", SOURCE);
        }
        key(model, "labels")
                .ifPresent(words -> facts.labels(List.of(words.strip().split("\\s+")), SOURCE));
        Optional<String> threshold = key(model, "confidence_threshold").filter(OpenVino::isShare);
        if (threshold.isPresent() && (several || facts.word("kind").equals("detector"))) {
            facts.add("thresholds", "{score: " + threshold.get() + "}", SOURCE);
        }
        key(model, "iou_threshold")
                .filter(OpenVino::isShare)
                .filter(iou -> facts.word("kind").equals("detector"))
                .ifPresent(iou -> facts.add("nms", "{iou: " + iou + "}", SOURCE));
        switch (key(model, "resize_type").orElse("standard")) {
            case "fit_to_window_letterbox" ->
                    facts.add("resize", "{letterbox: {fill: \"" + fill(model) + "\"}}", SOURCE);
            case "fit_to_window" ->
                    facts.add(
                            "resize",
                            "{letterbox: {align: top_left, fill: \"" + fill(model) + "\"}}",
                            SOURCE);
            case "standard" -> facts.add("resize", "stretch", SOURCE);
            case "crop" -> {
                // The middle in the shape of the input, then resized to it.
                if (facts.number("width") == facts.number("height") && facts.number("width") > 0) {
                    facts.add("resize", "{crop: " + facts.number("width") + "}", SOURCE);
                }
            }
            default -> facts.warn("the way of resizing in the metadata is unknown here");
        }
        String filter = key(model, "interpolation_type").orElse("LINEAR").toLowerCase(Locale.ROOT);
        facts.filter(
                switch (filter) {
                    case "linear" -> "bilinear";
                    case "cubic" -> "bicubic";
                    default -> filter;
                },
                SOURCE);
        // Its images are BGR, as OpenCV reads them.
        boolean reversed =
                key(model, "reverse_input_channels").orElse("False").equalsIgnoreCase("true");
        facts.add("color", reversed ? "RGB" : "BGR", SOURCE);
        String mean = numbers(key(model, "mean_values").orElse(""));
        String std = numbers(key(model, "scale_values").orElse(""));
        facts.add(
                "normalize",
                mean.isEmpty() && std.isEmpty()
                        ? "{}"
                        : "{mean: %s, std: %s}"
                                .formatted(mean.isEmpty() ? "0" : mean, std.isEmpty() ? "1" : std),
                SOURCE);
    }

    private static String fill(ModelSurface model) {
        String value = key(model, "pad_value").orElse("0").strip();
        int gray = value.matches("\\d{1,3}") ? Math.min(255, Integer.parseInt(value)) : 0;
        return "#%1$02x%1$02x%1$02x".formatted(gray);
    }

    private static boolean isShare(String value) {
        return value.strip().matches("0(\\.\\d{1,9})?|1(\\.0{1,9})?");
    }

    /** {@code 123.675 116.28 103.53}, in brackets or with commas, as YAML has it. */
    private static String numbers(String value) {
        List<String> numbers = new ArrayList<>();
        for (String word : value.replaceAll("[\\[\\],]", " ").strip().split("\\s+")) {
            if (word.matches("-?\\d{1,6}(\\.\\d{1,12})?")) {
                numbers.add(word);
            }
        }
        return switch (numbers.size()) {
            case 1 -> numbers.getFirst();
            case 3 -> numbers.toString();
            default -> "";
        };
    }
}
