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
        int side = 0;
        if (size.size() == 3) {
            facts.add("height", size.get(1).asInt(), source);
            facts.add("width", size.get(2).asInt(), source);
            side = Math.max(size.get(1).asInt(), size.get(2).asInt());
        }
        resize(config, side, source, facts);
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
        String filter = config.path("interpolation").asText("bilinear");
        if (!filter.equals("bilinear")) {
            facts.warn(
                    "the model was trained on images that were resized with the filter '%s' (%s), and Millrace resizes with 'bilinear'; scores differ a little"
                            .formatted(filter, source));
        }
    }

    private static void resize(JsonNode config, int side, String source, Facts facts) {
        double share = config.path("crop_pct").asDouble(1);
        switch (config.path("crop_mode").asText("center")) {
            case "squash" -> facts.add("resize", "stretch", source + " says crop_mode squash");
            case "border" -> facts.add("resize", "letterbox", source + " says crop_mode border");
            default -> {
                if (side > 0 && share > 0 && share <= 1) {
                    // As timm rounds it.
                    facts.add(
                            "resize",
                            "{crop: " + (int) Math.floor(side / share) + "}",
                            source + " says crop_pct " + share);
                }
            }
        }
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
