package dev.millrace.bundle;

import static dev.millrace.yaml.Scalars.choice;
import static dev.millrace.yaml.Scalars.integer;
import static dev.millrace.yaml.Scalars.made;

import com.fasterxml.jackson.databind.JsonNode;
import dev.millrace.api.ResizeRule;
import dev.millrace.yaml.Scalars;
import dev.millrace.yaml.YamlSection;
import java.util.regex.Pattern;

/**
 * The key {@code resize}: {@code stretch} or {@code {stretch: {width, height}}}, {@code {crop:
 * shortSide}} or {@code {crop: {shortSide, fill}}}, {@code letterbox} or {@code {letterbox: {align,
 * fill, upscale, shortSide}}}, {@code {border: {width, height, fill}}}.
 */
final class ResizeReader {
    private static final String KEY = "resize";
    private static final int MOST = 1 << 16;
    private static final Pattern COLOR = Pattern.compile("#[0-9a-fA-F]{6}");
    private static final String FORMS =
            "must be stretch, {stretch: {width: 256, height: 256}}, {crop: shortSide}, letterbox,"
                    + " {letterbox: {align: center, fill: \"#000000\", upscale: true}}, or {border:"
                    + " {width: 256, height: 256, fill: \"#000000\"}}";

    private final YamlSection root;
    private final int width;
    private final int height;

    ResizeReader(YamlSection root, int width, int height) {
        this.root = root;
        this.width = width;
        this.height = height;
    }

    ResizeRule resize() {
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
        YamlSection rule = root.section(KEY, "stretch, crop, letterbox, border");
        return switch (rule.keys().getFirst()) {
            case "stretch" -> stretch(rule);
            case "crop" -> crop(rule, value.get("crop").isObject());
            case "border" -> border(rule);
            default -> letterbox(rule);
        };
    }

    private ResizeRule stretch(YamlSection rule) {
        YamlSection full = rule.section("stretch", "width, height");
        return new ResizeRule.StretchCrop(side(full, "width", width), side(full, "height", height));
    }

    private static int side(YamlSection section, String key, int least) {
        return section.required(
                key, integer(least, MOST), "give a whole number of at least " + least);
    }

    /** A short side below the input's is a mistake more often than not, so it asks for a colour. */
    private ResizeRule crop(YamlSection rule, boolean filled) {
        if (filled) {
            YamlSection crop = rule.section("crop", "shortSide, fill");
            int fill = crop.required("fill", ResizeReader::fill, "give a colour like \"#000000\"");
            return new ResizeRule.Crop(side(crop, "shortSide", 1), fill);
        }
        int least = Math.max(width, height);
        return new ResizeRule.Crop(
                rule.required(
                        "crop",
                        made(
                                integer(least, MOST),
                                mistake ->
                                        mistake
                                                + "; where the image may be smaller than the input,"
                                                + " write {shortSide: 200, fill: \"#000000\"}"),
                        "give a whole number of at least " + least));
    }

    private static ResizeRule letterbox(YamlSection rule) {
        YamlSection letterbox = rule.section("letterbox", "align, fill, upscale, shortSide");
        return new ResizeRule.Letterbox(
                letterbox.get(
                        "align", choice(ResizeRule.Alignment.class), ResizeRule.Alignment.CENTER),
                letterbox.get("fill", ResizeReader::fill).orElse(0),
                letterbox.get("upscale", Scalars::bool, true),
                letterbox.get("shortSide", integer(1, MOST), Integer.MAX_VALUE));
    }

    private static ResizeRule border(YamlSection rule) {
        YamlSection border = rule.section("border", "width, height, fill");
        return new ResizeRule.Border(
                side(border, "width", 1),
                side(border, "height", 1),
                border.get("fill", ResizeReader::fill).orElse(0));
    }

    private static int fill(String color) {
        if (!COLOR.matcher(color).matches()) {
            throw new IllegalArgumentException("is not a colour; write it like \"#7f7f7f\"");
        }
        return Integer.parseInt(color, 1, 7, 16);
    }
}
