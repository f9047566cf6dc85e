package dev.millrace.lab.demo;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Locale;
import java.util.StringJoiner;

/** What a task's result says, in a few words for a table. A pure function. */
public final class Verdicts {
    private static final int DETECTIONS_SHOWN = 3;

    private Verdicts() {}

    /** Of one task, such as {@code Neutral 0.997} or {@code person 0.74, cat 0.56}. */
    public static String of(JsonNode result) {
        if (result.has("error")) {
            return "error: " + result.path("error").path("kind").asText();
        }
        if (result.has("detections")) {
            StringJoiner labels = new StringJoiner(", ");
            int shown = 0;
            for (JsonNode detection : result.path("detections")) {
                if (shown++ < DETECTIONS_SHOWN) {
                    labels.add(
                            String.format(
                                    Locale.ROOT,
                                    "%s %.2f",
                                    detection.path("label").asText(),
                                    detection.path("score").asDouble()));
                }
            }
            return shown == 0 ? "nothing found" : shorten(labels.toString());
        }
        String label = result.path("label").asText("");
        JsonNode score = result.path("scores").path(label);
        if (score.isNumber()) {
            return String.format(Locale.ROOT, "%s %.3f", label, score.asDouble());
        }
        JsonNode fraction = result.path("text_fraction");
        return fraction.isNumber()
                ? String.format(
                        Locale.ROOT,
                        "%d boxes, %.1f %% text",
                        result.path("boxes").size(),
                        100 * fraction.asDouble())
                : shorten(label + numbers(result));
    }

    /** What a module of one's own says beside its label, in the order in which it says it. */
    private static String numbers(JsonNode result) {
        StringBuilder numbers = new StringBuilder();
        result.properties().stream()
                .filter(field -> field.getValue().isNumber())
                .forEach(
                        field ->
                                numbers.append(
                                        String.format(
                                                Locale.ROOT,
                                                ", %s %.3f",
                                                field.getKey(),
                                                field.getValue().asDouble())));
        return numbers.toString();
    }

    private static String shorten(String text) {
        return text.length() <= 30 ? text : text.substring(0, 29) + "…";
    }
}
