package dev.millrace.lab.imports;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Optional;

/** What the files of Hugging Face say: {@code config.json} and {@code preprocessor_config.json}. */
final class HuggingFace {
    private static final int BILINEAR = 2;

    /** As Pillow numbers them. */
    private static final List<String> FILTERS =
            List.of("nearest", "lanczos", "bilinear", "bicubic", "box", "hamming");

    /** From this size on, ConvNeXt stretches instead of cropping. */
    private static final int UNCROPPED = 384;

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
        boolean known = filter >= 0 && filter < FILTERS.size();
        facts.filter(known ? FILTERS.get(filter) : "number " + filter, source + " says resample");
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
        resize(config, source, shortest);
    }

    private void resize(JsonNode config, String source, int shortest) {
        JsonNode size = config.path("size");
        boolean crops = config.path("do_center_crop").asBoolean(false);
        int side = Math.max(facts.number("height"), facts.number("width"));
        double share = config.path("crop_pct").asDouble(0);
        boolean detector = facts.word("kind").equals("detector");
        boolean longest = size.has("longest_edge") || size.has("max_height");
        if (detector && shortest > 0) {
            facts.add(
                    "resize",
                    "{letterbox: {align: top_left, shortSide: " + shortest + "}}",
                    source + " keeps the ratio, and the export has one size");
        } else if (shortest == 0 && longest) {
            facts.add(
                    "resize",
                    "{letterbox: {align: top_left}}",
                    source + " keeps the ratio and pads");
        } else if (shortest > 0 && share > 0.01 && share <= 1) {
            facts.add(
                    "resize",
                    shortest < UNCROPPED ? "{crop: " + (int) (shortest / share) + "}" : "stretch",
                    source + " says crop_pct " + share);
        } else if (shortest > 0 && crops && shortest < side) {
            facts.add(
                    "resize",
                    "{crop: {shortSide: " + shortest + ", fill: \"#000000\"}}",
                    source + " crops to more than it resizes to");
        } else if (shortest > 0) {
            facts.add("resize", "{crop: " + Math.max(shortest, side) + "}", source);
        } else if (size.has("height") && crops) {
            stretchAndCrop(size.path("width").asInt(), size.path("height").asInt(), source);
        } else if (size.has("height")) {
            facts.add("resize", "stretch", source);
        }
    }

    private void stretchAndCrop(int width, int height, String source) {
        int inputWidth = facts.number("width");
        int inputHeight = facts.number("height");
        if (width == inputWidth && height == inputHeight) {
            facts.add("resize", "stretch", source);
        } else if (width >= inputWidth && height >= inputHeight) {
            facts.add(
                    "resize",
                    "{stretch: {width: %d, height: %d}}".formatted(width, height),
                    source + " stretches and then crops");
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
