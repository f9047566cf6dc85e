package dev.millrace.lab.imports;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;

/** What timm's {@code config.json} says under {@code pretrained_cfg}. */
final class Timm {
    private Timm() {}

    static boolean wrote(JsonFile config) {
        return config.root().path("pretrained_cfg").isObject();
    }

    static void read(JsonFile file, Facts facts) {
        JsonNode config = file.root().path("pretrained_cfg");
        String source = file.name() + ", pretrained_cfg";
        int classes = file.root().path("num_classes").asInt(config.path("num_classes").asInt(0));
        facts.add("kind", classes > 0 ? "classifier" : "embedding", source);
        if (classes > 0) {
            facts.add("activation", "softmax", "timm's classifiers give logits");
        }
        facts.labels(labels(file.root(), config), source);
        facts.license(config.path("license").asText(""));
        JsonNode size = config.path("input_size");
        if (size.size() == 3) {
            facts.add("height", size.get(1).asInt(), source);
            facts.add("width", size.get(2).asInt(), source);
        }
        resize(config, source, facts);
        facts.add("color", "RGB", "timm works in RGB");
        JsonFile.numbers(config.path("mean"))
                .ifPresent(
                        mean ->
                                JsonFile.numbers(config.path("std"))
                                        .ifPresent(
                                                std ->
                                                        facts.add(
                                                                "normalize",
                                                                "{scale: 1/255, mean: %s, std: %s}"
                                                                        .formatted(mean, std),
                                                                source)));
        // What timm takes where nothing is said.
        facts.filter(config.path("interpolation").asText("bicubic"), source);
    }

    /** As timm's create_transform does it, and rounds. */
    private static void resize(JsonNode config, String source, Facts facts) {
        double share = config.path("crop_pct").asDouble(0.875);
        int width = facts.number("width");
        int height = facts.number("height");
        if (width == 0 || height == 0 || !(share > 0.01 && share < 100)) {
            return;
        }
        int fullWidth = (int) Math.floor(width / share);
        int fullHeight = (int) Math.floor(height / share);
        String mode = config.path("crop_mode").asText("center");
        String says = "%s says crop_mode %s, crop_pct %s".formatted(source, mode, share);
        switch (mode) {
            case "squash" -> {
                if (fullWidth == width && fullHeight == height) {
                    facts.add("resize", "stretch", says);
                } else if (fullWidth >= width && fullHeight >= height) {
                    facts.add(
                            "resize",
                            "{stretch: {width: %d, height: %d}}".formatted(fullWidth, fullHeight),
                            says);
                }
            }
            case "border" ->
                    facts.add(
                            "resize",
                            "{border: {width: %d, height: %d, fill: \"%s\"}}"
                                    .formatted(fullWidth, fullHeight, mean(config)),
                            says);
            default -> {
                int side = Math.max(fullWidth, fullHeight);
                facts.add(
                        "resize",
                        share <= 1
                                ? "{crop: " + side + "}"
                                : "{crop: {shortSide: %d, fill: \"#000000\"}}".formatted(side),
                        says);
            }
        }
    }

    /** The colour that normalization makes 0 of. */
    private static String mean(JsonNode config) {
        StringBuilder color = new StringBuilder("#");
        for (int c = 0; c < 3; c++) {
            JsonNode mean = config.path("mean");
            double value = mean.path(Math.min(c, mean.size() - 1)).asDouble(0);
            color.append("%02x".formatted((int) Math.clamp(Math.rint(255 * value), 0, 255)));
        }
        return color.toString();
    }

    private static List<String> labels(JsonNode root, JsonNode config) {
        List<String> labels = new ArrayList<>();
        for (JsonNode label : config.path("label_names")) {
            labels.add(label.asText().strip());
        }
        if (labels.isEmpty()) {
            root.path("label_names").forEach(label -> labels.add(label.asText().strip()));
        }
        return labels;
    }
}
