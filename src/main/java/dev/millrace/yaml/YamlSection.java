package dev.millrace.yaml;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * One mapping of a {@link YamlFile}, read key by key. An environment variable goes before the file;
 * an empty value counts as none. An unknown key is refused before anything is read, because it is
 * usually the reason why another one is missing.
 */
public final class YamlSection {
    private final YamlFile file;
    private final String path;
    private final JsonNode node;

    /**
     * @param path of this mapping in the file, empty for the root
     * @param keys that may stand here, with commas; empty where any may
     */
    YamlSection(YamlFile file, String path, JsonNode node, String keys) {
        this.file = file;
        this.path = path;
        this.node = node;
        if (!node.isMissingNode() && !node.isNull() && !node.isObject()) {
            String place = file.path() + (path.isEmpty() ? "" : ": " + path);
            String with = keys.isEmpty() ? "" : " with " + keys;
            // What stands here instead may be a secret that belongs below.
            throw file.mistake().apply("%s must be a mapping%s".formatted(place, with));
        }
        List<String> known = List.of(keys.split(", "));
        for (String key : keys()) {
            if (!keys.isEmpty() && !known.contains(key)) {
                String hint = Suggestion.hint(key, known);
                throw wrong(key, key, "is not a key of this section; its keys are " + keys + hint);
            }
        }
    }

    /** Those that stand in the file. */
    public List<String> keys() {
        List<String> names = new ArrayList<>();
        node.fieldNames().forEachRemaining(names::add);
        return names;
    }

    public boolean has(String key) {
        return node.hasNonNull(key);
    }

    /** The value as it stands in the file; a missing node where there is none. */
    public JsonNode value(String key) {
        return node.path(key);
    }

    /** The mapping of this key; an empty one where there is none. */
    public YamlSection section(String key, String keys) {
        return new YamlSection(file, path(key), node.path(key), keys);
    }

    public YamlSection requiredSection(String key, String keys, String remedy) {
        if (!has(key)) {
            throw missing(key, remedy);
        }
        return section(key, keys);
    }

    /** The elements of a list of mappings, those that only the environment has included. */
    public List<YamlSection> sections(String key, String keys) {
        JsonNode list = node.path(key);
        if (!list.isMissingNode() && !list.isNull() && !list.isArray()) {
            throw hidden(key, "must be a list of mappings with " + keys);
        }
        List<YamlSection> sections = new ArrayList<>();
        for (int i = 0; ; i++) {
            String element = path(key) + "[" + i + "]";
            if (i >= list.size() && !file.variables().hasBelow(element)) {
                return sections;
            }
            sections.add(new YamlSection(file, element, list.path(i), keys));
        }
    }

    public Optional<String> text(String key) {
        return file.variables()
                .value(path(key))
                .or(
                        () -> {
                            JsonNode value = node.path(key);
                            if (value.isContainerNode()) {
                                throw wrong(key, outline(value), "must be a single value");
                            }
                            return Optional.of(value.isNull() ? "" : value.asText().strip());
                        })
                .filter(text -> !text.isEmpty());
    }

    /**
     * What {@code parser} makes of the text.
     *
     * @param parser one of {@link Scalars}, or one that throws as they do
     */
    public <T> Optional<T> get(String key, Function<String, T> parser) {
        return text(key).map(value -> parsed(key, value, parser));
    }

    public <T> T get(String key, Function<String, T> parser, T otherwise) {
        return get(key, parser).orElse(otherwise);
    }

    public <T> T required(String key, Function<String, T> parser, String remedy) {
        return get(key, parser).orElseThrow(() -> missing(key, remedy));
    }

    public String required(String key, String remedy) {
        return required(key, Function.identity(), remedy);
    }

    private <T> T parsed(String key, String value, Function<String, T> parser) {
        try {
            return parser.apply(value);
        } catch (IllegalArgumentException e) {
            throw wrong(key, value, e.getMessage());
        }
    }

    /** Whatever stands there, as JSON; in a variable it is JSON already. */
    public Optional<String> json(String key) {
        return file.variables()
                .value(path(key))
                .filter(text -> !text.isBlank())
                .or(() -> has(key) ? Optional.of(value(key).toString()) : Optional.empty())
                .map(text -> parsed(key, text, Scalars::json));
    }

    /** A list of values, or one string with commas. */
    public List<String> texts(String key) {
        JsonNode value = node.path(key);
        if (value.isArray() && file.variables().value(path(key)).isEmpty()) {
            List<String> texts = new ArrayList<>();
            value.forEach(element -> texts.add(outline(element).strip()));
            return texts;
        }
        return text(key).stream()
                .flatMap(text -> Stream.of(text.split("[,\\s]+")))
                .filter(text -> !text.isEmpty())
                .toList();
    }

    /** The same for values that no mistake may show. */
    public List<String> secrets(String key) {
        JsonNode value = node.path(key);
        boolean nested = false;
        for (JsonNode element : value) {
            nested |= element.isContainerNode();
        }
        if (value.isObject() || nested) {
            throw hidden(key, "must be a list of values, or one value");
        }
        return texts(key);
    }

    /**
     * The entries of a mapping whose keys are the user's own. A variable goes before each and may
     * add one, whose name has hyphens where the variable has underscores. The values may be
     * secrets, so that no mistake shows one.
     */
    public Map<String, String> entries(String key) {
        JsonNode mapping = node.path(key);
        if (!mapping.isMissingNode() && !mapping.isNull() && !mapping.isObject()) {
            throw hidden(key, "must be a mapping of names to values");
        }
        Map<String, String> entries = new LinkedHashMap<>();
        mapping.fieldNames()
                .forEachRemaining(
                        name -> {
                            if (mapping.get(name).isContainerNode()) {
                                throw hidden(key + "." + name, "must be a single value");
                            }
                            section(key, "").text(name).ifPresent(v -> entries.put(name, v));
                        });
        file.variables()
                .below(path(key))
                .forEach(
                        (name, value) ->
                                entries.put(
                                        name.replace('_', '-').toLowerCase(Locale.ROOT), value));
        return entries;
    }

    private Mistake hidden(String key, String remedy) {
        return file.mistake().apply(file.path() + ": " + path(key) + " " + remedy);
    }

    /** One number per channel; a single one stands for all of them. */
    public List<Double> channels(String key, int channels, double otherwise) {
        if (!value(key).isArray()) {
            return Collections.nCopies(channels, get(key, Scalars::number, otherwise));
        }
        if (value(key).size() != channels) {
            throw wrong(
                    key,
                    value(key),
                    channels == 1
                            ? "must be one number, since there is one channel"
                            : "must be a list of %d numbers, one per channel, or one number for all channels"
                                    .formatted(channels));
        }
        return numbers(key);
    }

    /** One number or a list of numbers; empty where there is none. */
    public List<Double> numbers(String key) {
        return texts(key).stream().map(value -> parsed(key, value, Scalars::number)).toList();
    }

    public Mistake missing(String key, String remedy) {
        String variable = file.variables().remedy(path(key));
        return file.mistake()
                .apply(file.path() + ": " + path(key) + ": missing; " + remedy + variable);
    }

    public Mistake wrong(String key, Object value, String remedy) {
        boolean variable = file.variables().value(path(key)).isPresent();
        return file.mistake()
                .apply(
                        Mistake.line(
                                variable ? "environment" : file.path(),
                                variable ? file.variables().name(path(key)) : path(key),
                                value instanceof JsonNode json ? shown(json) : value,
                                remedy));
    }

    private static String shown(JsonNode value) {
        return value.isValueNode() ? value.asText() : value.toString();
    }

    /** Nothing of what is in a list or a mapping where neither belongs: it may hold secrets. */
    private static String outline(JsonNode value) {
        return value.isValueNode() ? value.asText() : value.isArray() ? "[…]" : "{…}";
    }

    private String path(String key) {
        return path.isEmpty() ? key : path + "." + key;
    }
}
