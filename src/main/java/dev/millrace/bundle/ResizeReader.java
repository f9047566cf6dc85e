package dev.millrace.bundle;

import static dev.millrace.yaml.Scalars.choice;
import static dev.millrace.yaml.Scalars.integer;

import com.fasterxml.jackson.databind.JsonNode;
import dev.millrace.api.ResizeRule;
import dev.millrace.yaml.Scalars;
import dev.millrace.yaml.YamlSection;
import java.util.regex.Pattern;

/**
 * The key {@code resize}: {@code stretch}, {@code {crop: shortSide}}, {@code letterbox}, or {@code
 * {letterbox: {align, fill, upscale}}}.
 */
final class ResizeReader {
    private static final String KEY = "resize";
    private static final Pattern COLOR = Pattern.compile("#[0-9a-fA-F]{6}");
    private static final String FORMS =
            "must be stretch, {crop: shortSide}, letterbox, or {letterbox: {align: center, fill:"
                    + " \"#000000\", upscale: true}}";

    private final YamlSection root;

    ResizeReader(YamlSection root) {
        this.root = root;
    }

    ResizeRule resize(int width, int height) {
        if (!root.has(KEY)) {
            throw root.missing(KEY, "it " + FORMS);
        }
        JsonNode value = root.value(KEY);
        if (value.isTextual()) {
            return switch (value.asText()) {
                case "stretch" -> new ResizeRule.Stretch();
                case "letterbox" -> new ResizeRule.Letterbox(ResizeRule.Alignment.CENTER, 0, true);
                default -> throw root.wrong(KEY, value, FORMS);
            };
        }
        if (!value.isObject() || value.size() != 1) {
            throw root.wrong(KEY, value, FORMS);
        }
        YamlSection rule = root.section(KEY, "crop, letterbox");
        int shortSide = Math.max(width, height);
        return value.has("crop")
                ? new ResizeRule.Crop(
                        rule.required(
                                "crop",
                                integer(shortSide, 1 << 16),
                                "give a whole number of at least " + shortSide))
                : letterbox(rule);
    }

    private static ResizeRule letterbox(YamlSection rule) {
        YamlSection letterbox = rule.section("letterbox", "align, fill, upscale");
        return new ResizeRule.Letterbox(
                letterbox.get(
                        "align", choice(ResizeRule.Alignment.class), ResizeRule.Alignment.CENTER),
                letterbox.get("fill", ResizeReader::fill).orElse(0),
                letterbox.get("upscale", Scalars::bool, true));
    }

    private static int fill(String color) {
        if (!COLOR.matcher(color).matches()) {
            throw new IllegalArgumentException("is not a colour; write it like \"#7f7f7f\"");
        }
        return Integer.parseInt(color, 1, 7, 16);
    }
}
