package dev.millrace.api;

import java.util.Map;
import java.util.Optional;

/**
 * What a module says of one image. {@code fields} goes into the result as JSON beside {@code
 * model}, {@code version} and {@code label}: numbers, strings, booleans, lists, maps and records
 * are fine.
 *
 * @param label the one word for the image, where there is one
 * @param fields in the order in which they are written
 */
public record Verdict(Optional<String> label, Map<String, ?> fields) {
    public static Verdict of(String label, Map<String, ?> fields) {
        return new Verdict(Optional.of(label), fields);
    }

    public static Verdict unlabelled(Map<String, ?> fields) {
        return new Verdict(Optional.empty(), fields);
    }
}
