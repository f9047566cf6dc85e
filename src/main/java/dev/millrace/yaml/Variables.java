package dev.millrace.yaml;

import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The environment variables that go before the keys of a file: with the prefix {@code MILLRACE_},
 * {@code models[0].maxBatch} is {@code MILLRACE_MODELS_0_MAX_BATCH}. Remembers which were asked
 * for, so that {@link YamlFile#rejectUnknownVariables} finds the others.
 */
public final class Variables {
    private final String prefix;
    private final Map<String, String> environment;
    private final Set<String> asked = new TreeSet<>();

    /**
     * @param prefix of the variables that are meant for this file
     */
    public Variables(String prefix, Map<String, String> environment) {
        this.prefix = prefix;
        this.environment = environment;
    }

    /** For a file whose keys have no variables. */
    public static Variables none() {
        return new Variables("", Map.of());
    }

    String name(String path) {
        return prefix
                + path.replaceAll("([a-z])([A-Z])", "$1_$2")
                        .replaceAll("[.\\[\\]-]+", "_")
                        .toUpperCase(Locale.ROOT);
    }

    /** A variable that is set to nothing counts as not set. */
    Optional<String> value(String path) {
        String name = name(path);
        asked.add(name);
        return Optional.ofNullable(environment.get(name))
                .map(String::strip)
                .filter(value -> !value.isEmpty());
    }

    /** Those of entries of a mapping that nobody has asked for; by the end of their names. */
    Map<String, String> below(String path) {
        Map<String, String> found = new TreeMap<>();
        String start = name(path + ".");
        for (String name : environment.keySet()) {
            if (name.startsWith(start) && asked.add(name) && !environment.get(name).isBlank()) {
                found.put(name.substring(start.length()), environment.get(name).strip());
            }
        }
        return found;
    }

    boolean hasBelow(String path) {
        return environment.keySet().stream().anyMatch(name -> name.startsWith(name(path + ".")));
    }

    /** What else somebody can do for whom a key is missing. */
    String remedy(String path) {
        return prefix.isEmpty() ? "" : " (or set " + name(path) + ")";
    }

    /** The line for the first variable with the prefix that nobody asked for. */
    Optional<String> unknown() {
        return environment.keySet().stream()
                .filter(name -> name.startsWith(prefix) && !asked.contains(name))
                .sorted()
                .findFirst()
                .map(
                        name ->
                                "environment: %s: no configuration key belongs to this variable%s; unset it or correct its name"
                                        .formatted(name, Suggestion.hint(name, asked)));
    }
}
