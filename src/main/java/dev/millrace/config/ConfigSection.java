package dev.millrace.config;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import dev.millrace.bundle.Suggestion;
import dev.millrace.nativelib.NativeFolder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One mapping of the configuration while it is read. An environment variable goes before the file:
 * {@code queue.url} is {@code MILLRACE_QUEUE_URL}, {@code models[0].maxBatch} is {@code
 * MILLRACE_MODELS_0_MAX_BATCH}. Remembers which keys were asked for, so that {@link #rejectUnknown}
 * finds the others.
 */
final class ConfigSection {
    private static final String PREFIX = "MILLRACE_";

    /** Variables that are not keys, those of the build and the scripts included. */
    private static final Set<String> OTHERS =
            Set.of(
                    "MILLRACE_CACHE",
                    "MILLRACE_CLASSPATH",
                    "MILLRACE_CUDA_INCLUDE",
                    "MILLRACE_DEBUG",
                    "MILLRACE_GPU_LIBS",
                    "MILLRACE_IMAGE",
                    "MILLRACE_LOG_LEVEL",
                    NativeFolder.VARIABLE,
                    "MILLRACE_TENSORRT_INCLUDE");

    private static final Pattern DURATION = Pattern.compile("(\\d+)\\s*(ms|s|m|h)");
    private static final Pattern SIZE = Pattern.compile("(\\d+)\\s*(B|KiB|MiB|GiB)?");

    private final String where;
    private final String path;
    private final JsonNode node;
    private final Map<String, String> environment;
    private final Set<String> known = new LinkedHashSet<>();
    private final Set<String> variables;

    /**
     * @param where the file, for messages
     * @param path of this section, empty for the root
     */
    ConfigSection(String where, String path, JsonNode node, Map<String, String> environment) {
        this(where, path, node, environment, new TreeSet<>());
    }

    private ConfigSection(
            String where,
            String path,
            JsonNode node,
            Map<String, String> environment,
            Set<String> variables) {
        this.where = where;
        this.path = path;
        this.node = node;
        this.environment = environment;
        this.variables = variables;
        if (!node.isMissingNode() && !node.isNull() && !node.isObject()) {
            throw ConfigException.of(
                    where, path, node.asText(), "must be a mapping of keys to values");
        }
    }

    ConfigSection section(String key) {
        known.add(key);
        return new ConfigSection(where, key(key), node.path(key), environment, variables);
    }

    /** The elements of a list of mappings, those that only the environment has included. */
    List<ConfigSection> sections(String key) {
        known.add(key);
        JsonNode list = node.path(key);
        if (!list.isMissingNode() && !list.isArray()) {
            throw wrong(key, list.toString(), "must be a list");
        }
        List<ConfigSection> sections = new ArrayList<>();
        for (int i = 0; i < list.size() || environmentHas(key + "[" + i + "]"); i++) {
            JsonNode element = i < list.size() ? list.get(i) : MissingNode.getInstance();
            String path = key(key) + "[" + i + "]";
            sections.add(new ConfigSection(where, path, element, environment, variables));
        }
        return sections;
    }

    private boolean environmentHas(String key) {
        String prefix = variable(key(key) + ".");
        return environment.keySet().stream().anyMatch(name -> name.startsWith(prefix));
    }

    Optional<String> text(String key) {
        known.add(key);
        variables.add(variable(key(key)));
        Optional<String> override = override(key);
        if (override.isPresent()) {
            return override;
        }
        JsonNode value = node.path(key);
        if (value.isMissingNode() || value.isNull()) {
            return Optional.empty();
        }
        if (!value.isValueNode()) {
            throw wrong(key, value.toString(), "must be a single value");
        }
        return Optional.of(value.asText().strip());
    }

    /** A variable that is set to nothing counts as not set. */
    private Optional<String> override(String key) {
        return Optional.ofNullable(environment.get(variable(key(key))))
                .map(String::strip)
                .filter(value -> !value.isEmpty());
    }

    String requiredText(String key, String remedy) {
        return text(key)
                .filter(value -> !value.isEmpty())
                .orElseThrow(
                        () ->
                                new ConfigException(
                                        where
                                                + ": "
                                                + key(key)
                                                + ": missing; "
                                                + remedy
                                                + " (or set "
                                                + variable(key(key))
                                                + ")"));
    }

    Duration duration(String key, Duration otherwise) {
        return text(key).map(value -> duration(key, value)).orElse(otherwise);
    }

    private Duration duration(String key, String value) {
        Matcher form = DURATION.matcher(value);
        if (!form.matches()) {
            throw wrong(key, value, "is not a duration; write it like 1500ms, 60s or 5m");
        }
        long amount = parse(key, form.group(1));
        return switch (form.group(2)) {
            case "ms" -> Duration.ofMillis(amount);
            case "s" -> Duration.ofSeconds(amount);
            case "m" -> Duration.ofMinutes(amount);
            default -> Duration.ofHours(amount);
        };
    }

    long bytes(String key, long otherwise, long most) {
        return text(key).map(value -> size(key, value, most)).orElse(otherwise);
    }

    private long size(String key, String value, long most) {
        Matcher form = SIZE.matcher(value);
        if (!form.matches()) {
            throw wrong(key, value, "is not a size; write it like 20MiB or 1GiB");
        }
        int shift =
                switch (form.group(2) == null ? "B" : form.group(2)) {
                    case "KiB" -> 10;
                    case "MiB" -> 20;
                    case "GiB" -> 30;
                    default -> 0;
                };
        long bytes = parse(key, form.group(1)) << shift;
        if (bytes < 1 || bytes > most) {
            throw wrong(key, value, "must be from 1B to " + most + "B");
        }
        return bytes;
    }

    int integer(String key, int otherwise, int least, int most) {
        return text(key)
                .map(
                        value -> {
                            long number =
                                    value.matches("-?\\d{1,10}")
                                            ? Long.parseLong(value)
                                            : Long.MAX_VALUE;
                            if (number < least || number > most) {
                                throw wrong(
                                        key,
                                        value,
                                        "must be a whole number from " + least + " to " + most);
                            }
                            return (int) number;
                        })
                .orElse(otherwise);
    }

    boolean bool(String key, boolean otherwise) {
        return text(key)
                .map(
                        value ->
                                switch (value) {
                                    case "true" -> true;
                                    case "false" -> false;
                                    default -> throw wrong(key, value, "must be true or false");
                                })
                .orElse(otherwise);
    }

    <E extends Enum<E>> E choice(String key, Class<E> type, E otherwise) {
        return text(key)
                .map(
                        value -> {
                            for (E constant : type.getEnumConstants()) {
                                if (constant.name().toLowerCase(Locale.ROOT).equals(value)) {
                                    return constant;
                                }
                            }
                            List<String> names = new ArrayList<>();
                            for (E constant : type.getEnumConstants()) {
                                names.add(constant.name().toLowerCase(Locale.ROOT));
                            }
                            throw wrong(key, value, "must be one of " + String.join(", ", names));
                        })
                .orElse(otherwise);
    }

    /** A list of values, or one string with commas. */
    List<String> texts(String key) {
        JsonNode value = node.path(key);
        if (value.isArray() && override(key).isEmpty()) {
            known.add(key);
            variables.add(variable(key(key)));
            List<String> texts = new ArrayList<>();
            value.forEach(element -> texts.add(element.asText().strip()));
            return texts;
        }
        return text(key).stream()
                .flatMap(text -> Pattern.compile("[,\\s]+").splitAsStream(text))
                .filter(text -> !text.isEmpty())
                .toList();
    }

    /** Throws for the first key of this mapping that nothing asked for. */
    void rejectUnknown() {
        for (String key : (Iterable<String>) node::fieldNames) {
            if (!known.contains(key)) {
                throw new ConfigException(
                        where
                                + ": "
                                + key(key)
                                + ": unknown key"
                                + Suggestion.hint(key, known)
                                + "; known here: "
                                + String.join(", ", known));
            }
        }
    }

    /** Throws for the first variable of ours that no section asked for; called when all is read. */
    void rejectUnknownVariables() {
        for (String name : new TreeSet<>(environment.keySet())) {
            if (name.startsWith(PREFIX) && !variables.contains(name) && !OTHERS.contains(name)) {
                throw new ConfigException(
                        "environment: "
                                + name
                                + ": no key has this variable"
                                + Suggestion.hint(name, variables)
                                + "; unset it or correct its name");
            }
        }
    }

    ConfigException wrong(String key, String value, String remedy) {
        return override(key).isPresent()
                ? ConfigException.of("environment", variable(key(key)), value, remedy)
                : ConfigException.of(where, key(key), value, remedy);
    }

    private long parse(String key, String digits) {
        if (digits.length() > 9) {
            throw wrong(key, digits, "is too large");
        }
        return Long.parseLong(digits);
    }

    private String key(String key) {
        return path.isEmpty() ? key : path + "." + key;
    }

    static String variable(String path) {
        return PREFIX
                + path.replaceAll("([a-z])([A-Z])", "$1_$2")
                        .replaceAll("[.\\[\\]]+", "_")
                        .toUpperCase(Locale.ROOT);
    }
}
