package dev.millrace.bundle;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One mapping of {@code model.yaml}. An unknown key is refused before anything is read, because it
 * is usually the reason why another one is missing.
 */
final class YamlSection {
    private static final Pattern FRACTION = Pattern.compile("(\\d{1,9})\\s*/\\s*([1-9]\\d{0,8})");

    private final Path file;
    private final String path;
    private final JsonNode node;

    /**
     * @param path of this mapping in the file, empty for the root
     * @param keys that may stand here; empty where any may
     */
    YamlSection(Path file, String path, JsonNode node, Collection<String> keys) {
        this.file = file;
        this.path = path;
        this.node = node;
        if (!node.isObject()) {
            throw BundleException.of(
                    file, path.isEmpty() ? "model.yaml" : path, node, mapping(keys));
        }
        if (!keys.isEmpty()) {
            rejectUnknown(keys);
        }
    }

    private static String mapping(Collection<String> keys) {
        return "must be a mapping" + (keys.isEmpty() ? "" : " with " + String.join(", ", keys));
    }

    private void rejectUnknown(Collection<String> keys) {
        for (String key : keys()) {
            if (!keys.contains(key)) {
                throw BundleException.of(
                        file,
                        key(key),
                        key,
                        "is no key here, known are "
                                + String.join(", ", keys)
                                + Suggestion.hint(key, keys));
            }
        }
    }

    List<String> keys() {
        List<String> names = new ArrayList<>();
        node.fieldNames().forEachRemaining(names::add);
        return names;
    }

    boolean has(String key) {
        return node.hasNonNull(key);
    }

    /** The value as it stands in the file; a missing node where there is none. */
    JsonNode value(String key) {
        return node.path(key);
    }

    YamlSection section(String key, Collection<String> keys) {
        return new YamlSection(file, key(key), node.get(key), keys);
    }

    YamlSection requiredSection(String key, Collection<String> keys, String remedy) {
        if (!has(key)) {
            throw missing(key, remedy);
        }
        return section(key, keys);
    }

    Optional<String> text(String key) {
        if (!has(key)) {
            return Optional.empty();
        }
        JsonNode value = node.get(key);
        if (!value.isValueNode() || value.asText().isBlank()) {
            throw wrong(key, value, "must be a single value");
        }
        return Optional.of(value.asText().strip());
    }

    String requiredText(String key, String remedy) {
        return text(key).orElseThrow(() -> missing(key, remedy));
    }

    /** One of these words. */
    Optional<String> choice(String key, List<String> words) {
        Optional<String> text = text(key);
        text.filter(word -> !words.contains(word))
                .ifPresent(
                        word -> {
                            throw wrong(
                                    key,
                                    word,
                                    "must be one of "
                                            + String.join(", ", words)
                                            + Suggestion.hint(word, words));
                        });
        return text;
    }

    int requiredInteger(String key, int least, int most) {
        return integer(key, least, most)
                .orElseThrow(() -> missing(key, "give a whole number from " + least + " up"));
    }

    Optional<Integer> integer(String key, int least, int most) {
        if (!has(key)) {
            return Optional.empty();
        }
        JsonNode value = node.get(key);
        if (!value.isIntegralNumber()
                || !value.canConvertToInt()
                || value.asInt() < least
                || value.asInt() > most) {
            throw wrong(key, value, "must be a whole number from " + least + " to " + most);
        }
        return Optional.of(value.asInt());
    }

    boolean flag(String key, boolean otherwise) {
        if (!has(key)) {
            return otherwise;
        }
        if (!node.get(key).isBoolean()) {
            throw wrong(key, node.get(key), "must be true or false");
        }
        return node.get(key).asBoolean();
    }

    double number(String key, double least, double most, double otherwise) {
        if (!has(key)) {
            return otherwise;
        }
        double number = number(key, node.get(key));
        if (number < least || number > most) {
            throw wrong(key, node.get(key), "must be a number from " + least + " to " + most);
        }
        return number;
    }

    /** One value per channel; a single value stands for all three. */
    List<Double> channels(String key, double otherwise) {
        if (!has(key)) {
            return Collections.nCopies(3, otherwise);
        }
        JsonNode value = node.get(key);
        if (!value.isArray()) {
            return Collections.nCopies(3, number(key, value));
        }
        if (value.size() != 3) {
            throw wrong(key, value, "must have 3 numbers, one per channel, or be one for all");
        }
        List<Double> channels = new ArrayList<>();
        value.forEach(channel -> channels.add(number(key, channel)));
        return channels;
    }

    /** A number, or a fraction such as {@code 1/255}. */
    private double number(String key, JsonNode value) {
        double number = value.isNumber() ? value.asDouble() : Double.NaN;
        Matcher fraction = FRACTION.matcher(value.asText());
        if (fraction.matches()) {
            number = Double.parseDouble(fraction.group(1)) / Double.parseDouble(fraction.group(2));
        }
        if (!Double.isFinite(number)) {
            throw wrong(key, value, "is no number; write it like 0.5 or 1/255");
        }
        return number;
    }

    BundleException missing(String key, String remedy) {
        return new BundleException(file + ": " + key(key) + ": missing; " + remedy);
    }

    BundleException wrong(String key, Object value, String remedy) {
        Object shown = value instanceof JsonNode json && json.isValueNode() ? json.asText() : value;
        return BundleException.of(file, key(key), shown, remedy);
    }

    private String key(String key) {
        return path.isEmpty() ? key : path + "." + key;
    }
}
