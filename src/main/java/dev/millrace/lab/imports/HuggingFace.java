package dev.millrace.lab.imports;

import com.fasterxml.jackson.databind.JsonNode;
import dev.millrace.config.ConfigException;
import java.util.Optional;

/** What the files of Hugging Face say: {@code config.json} and {@code preprocessor_config.json}. */
final class HuggingFace {
    private static final int BILINEAR = 2;

    private final Facts facts;

    private HuggingFace(Facts facts) {
        this.facts = facts;
    }

    static void read(Optional<JsonFile> config, Optional<JsonFile> preprocessor, Facts facts) {
        HuggingFace reader = new HuggingFace(facts);
        config.ifPresent(file -> reader.config(file.root(), file.name()));
        preprocessor.ifPresent(file -> reader.preprocessor(file.root(), file.name()));
    }

    private void config(JsonNode config, String source) {
        facts.labels(JsonFile.labels(config.path("id2label")), source);
        String architecture = config.path("architectures").path(0).asText("");
        String type = config.path("model_type").asText("");
        if (architecture.endsWith("ForImageClassification")) {
            facts.add("kind", "classifier", source);
            boolean several =
                    config.path("problem_type").asText("").equals("multi_label_classification");
            facts.add("activation", several ? "sigmoid" : "softmax", source);
            if (several) {
                facts.add("thresholds", "{score: 0.5}", source);
            }
        } else if (architecture.endsWith("ForObjectDetection")) {
            facts.add("kind", "detector", source);
            facts.add("columns", "[cx, cy, w, h]", "how Hugging Face's detectors place boxes");
            facts.add("units", "fraction", "how Hugging Face's detectors place boxes");
            boolean detr = type.equals("detr") || type.equals("yolos") || type.contains("table-tr");
            facts.add("activation", detr ? "softmax" : "sigmoid", source + ", model type " + type);
            if (detr) {
                facts.add("background", "last", source + ", model type " + type);
            }
            facts.add("boxLabels", "best", "how Hugging Face's detectors choose a label");
        } else if (architecture.endsWith("ForSemanticSegmentation")) {
            facts.add("kind", "segmentation", source);
        } else if (type.contains("clip") || type.startsWith("dino") || type.startsWith("vit")) {
            facts.add("kind", "embedding", source + ", model type " + type);
        }
    }

    private void preprocessor(JsonNode config, String source) {
        facts.add("color", "RGB", "Hugging Face's image processors work in RGB");
        size(config, source);
        normalize(config, source);
        int filter = config.path("resample").asInt(BILINEAR);
        if (filter != BILINEAR) {
            facts.warn(
                    "the model was trained on images that were resized with filter %d of Pillow (%s says resample), and Millrace resizes with filter 2 (bilinear); scores differ a little"
                            .formatted(filter, source));
        }
    }

    private void size(JsonNode config, String source) {
        JsonNode size = config.path("size");
        JsonNode crop = config.path("crop_size");
        boolean crops = config.path("do_center_crop").asBoolean(false);
        JsonNode input = crops && !crop.isMissingNode() ? crop : size;
        int height = input.isInt() ? input.asInt() : input.path("height").asInt(0);
        int width = input.isInt() ? input.asInt() : input.path("width").asInt(0);
        int shortest = size.isInt() ? size.asInt() : size.path("shortest_edge").asInt(0);
        if (height == 0 && width == 0 && !facts.word("kind").equals("detector")) {
            height = shortest;
            width = shortest;
        }
        if (height > 0 && width > 0) {
            facts.add("height", height, source);
            facts.add("width", width, source);
        }
        boolean detector = facts.word("kind").equals("detector");
        if (shortest > 0 && detector) {
            facts.add(
                    "resize",
                    "{letterbox: {align: top_left}}",
                    source + " keeps the ratio, and the export has one size");
        } else if (shortest > 0) {
            facts.add(
                    "resize",
                    "{crop: " + Math.max(shortest, Math.max(height, width)) + "}",
                    source);
        } else if (crops && size.has("height")) {
            throw new ConfigException(
                    source
                            + ": the image is stretched and then cropped, which cannot be done yet;"
                            + " export a model that does not crop");
        } else if (size.has("height")) {
            facts.add("resize", "stretch", source);
        }
    }

    private void normalize(JsonNode config, String source) {
        boolean scales = config.path("do_rescale").asBoolean(true);
        String scale =
                !scales
                        ? "1"
                        : config.has("rescale_factor")
                                ? scale(config.path("rescale_factor").asDouble())
                                : "1/255";
        if (!config.path("do_normalize").asBoolean(config.has("image_mean"))) {
            facts.add("normalize", "{scale: " + scale + "}", source);
            return;
        }
        Optional<String> mean = JsonFile.numbers(config.path("image_mean"));
        Optional<String> std = JsonFile.numbers(config.path("image_std"));
        if (mean.isPresent() && std.isPresent()) {
            facts.add(
                    "normalize",
                    "{scale: %s, mean: %s, std: %s}".formatted(scale, mean.get(), std.get()),
                    source);
        }
    }

    private static String scale(double factor) {
        double inverse = 1 / factor;
        return Math.abs(inverse - Math.rint(inverse)) < 1e-6
                ? "1/" + (long) Math.rint(inverse)
                : "" + factor;
    }
}
