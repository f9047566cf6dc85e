package dev.millrace.lab.demo;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/** What a task's result says, in a few words for a table. A pure function. */
public final class Verdicts {
    /** Of a detector. */
    public static final String NOTHING = "nothing found";

    private static final int SHOWN = 3;

    private Verdicts() {}

    /** Of one task, such as {@code Neutral 0.997} or {@code person 0.74, cat 0.56}. */
    public static String of(JsonNode result) {
        if (result.has("error")) {
            return "error: " + result.path("error").path("kind").asText();
        }
        if (result.has("detections")) {
            Stream<String> found =
                    stream(result.path("detections"))
                            .map(one -> named(one.path("label").asText(), one.path("score")));
            return first(found, NOTHING);
        }
        if (result.has("labels")) {
            JsonNode scores = result.path("scores");
            Stream<String> labels =
                    stream(result.path("labels"))
                            .map(one -> named(one.asText(), scores.path(one.asText())));
            return first(labels, "no label");
        }
        if (result.has("shares")) {
            Stream<String> shares =
                    result.path("shares").properties().stream()
                            .map(one -> named(one.getKey(), one.getValue()));
            return first(shares, "no class");
        }
        if (result.path("embedding").isArray()) {
            return result.path("embedding").size() + " numbers";
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

    private static Stream<JsonNode> stream(JsonNode list) {
        return StreamSupport.stream(list.spliterator(), false);
    }

    private static String named(String label, JsonNode score) {
        return score.isNumber()
                ? String.format(Locale.ROOT, "%s %.2f", label, score.asDouble())
                : label;
    }

    private static String first(Stream<String> all, String none) {
        String text = all.limit(SHOWN).collect(Collectors.joining(", "));
        return text.isEmpty() ? none : shorten(text);
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
