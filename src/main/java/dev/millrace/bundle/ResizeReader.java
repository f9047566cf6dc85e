package dev.millrace.bundle;

import com.fasterxml.jackson.databind.JsonNode;
import dev.millrace.api.ResizeRule;
import java.util.List;
import java.util.Locale;
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
        YamlSection rule = root.section(KEY, List.of("crop", "letterbox"));
        return rule.has("crop")
                ? new ResizeRule.Crop(
                        rule.requiredInteger("crop", Math.max(width, height), 1 << 16))
                : letterbox(rule);
    }

    private static ResizeRule letterbox(YamlSection rule) {
        YamlSection letterbox =
                rule.requiredSection("letterbox", List.of("align", "fill", "upscale"), FORMS);
        String align = letterbox.choice("align", List.of("center", "top_left")).orElse("center");
        return new ResizeRule.Letterbox(
                ResizeRule.Alignment.valueOf(align.toUpperCase(Locale.ROOT)),
                fill(letterbox),
                letterbox.flag("upscale", true));
    }

    private static int fill(YamlSection letterbox) {
        String color = letterbox.text("fill").orElse("#000000");
        if (!COLOR.matcher(color).matches()) {
            throw letterbox.wrong("fill", color, "is no colour; write it like \"#7f7f7f\"");
        }
        return Integer.parseInt(color, 1, 7, 16);
    }
}
