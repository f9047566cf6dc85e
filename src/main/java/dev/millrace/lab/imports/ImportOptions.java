package dev.millrace.lab.imports;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.millrace.bundle.Kind;
import dev.millrace.config.ConfigException;
import dev.millrace.yaml.Suggestion;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import picocli.CommandLine.Option;

/** What the user knows of a model; it goes before all that is found. */
final class ImportOptions {
    private static final YAMLMapper YAML = new YAMLMapper();
    private static final String SIZE = "\\d{1,4}x\\d{1,4}";

    @Option(
            names = "--preset",
            paramLabel = "NAME",
            description =
                    "Family that the model belongs to, for what it does not say itself: imagenet,"
                            + " clip, yolo, or coco (yolo with its labels) (default: none).")
    private Optional<String> preset = Optional.empty();

    @Option(
            names = "--kind",
            paramLabel = "KIND",
            description =
                    "Kind of the model: classifier, detector, embedding, segmentation or text"
                            + " (default: what is found).")
    private Optional<String> kind = Optional.empty();

    @Option(
            names = "--labels",
            paramLabel = "FILE",
            description =
                    "Classes in the order of the scores, one per line (default: those found).")
    private Optional<Path> labels = Optional.empty();

    @Option(
            names = "--size",
            paramLabel = "WxH",
            description = "Width and height of the input in pixels (default: those found).")
    private Optional<String> size = Optional.empty();

    @Option(
            names = "--resize",
            paramLabel = "RULE",
            description = "The key resize of model.yaml, as YAML (default: what is found).")
    private Optional<String> resize = Optional.empty();

    @Option(
            names = "--filter",
            paramLabel = "NAME",
            description =
                    "What images were resized with in training, bilinear or bicubic (default: what is"
                            + " found, else bilinear).")
    private Optional<String> filter = Optional.empty();

    @Option(
            names = "--color",
            paramLabel = "RGB|BGR|GRAY",
            description = "Order of the channels in training (default: what is found).")
    private Optional<String> color = Optional.empty();

    @Option(
            names = "--normalize",
            paramLabel = "RULE",
            description = "The key normalize of model.yaml, as YAML (default: what is found).")
    private Optional<String> normalize = Optional.empty();

    @Option(
            names = "--outputs",
            paramLabel = "ROLES",
            description = "The key outputs of model.yaml, as YAML (default: what is found).")
    private Optional<String> outputs = Optional.empty();

    @Option(
            names = "--columns",
            paramLabel = "WORDS",
            description = "The key columns of model.yaml, as YAML (default: what is found).")
    private Optional<String> columns = Optional.empty();

    @Option(
            names = "--constants",
            paramLabel = "VALUES",
            description =
                    "Values of the inputs beside the image, as the key input.constants of model.yaml"
                            + " (default: what is found).")
    private Optional<String> constants = Optional.empty();

    @Option(
            names = "--set",
            paramLabel = "KEY=VALUE",
            description =
                    "Another key of model.yaml and its value as YAML, such as units=fraction; may be"
                            + " given several times (default: what is found).")
    private List<String> others = List.of();

    Optional<Preset> preset() {
        return preset.map(
                name -> {
                    for (Preset known : Preset.values()) {
                        if (known.name().toLowerCase(Locale.ROOT).equals(name)) {
                            return known;
                        }
                    }
                    throw new ConfigException(
                            "--preset: '" + name + "' must be imagenet, clip, yolo or coco");
                });
    }

    void read(Facts facts) {
        kind.ifPresent(
                value -> {
                    if (!Kind.labels().contains(value) && !value.contains(".")) {
                        throw new ConfigException(
                                "--kind: '%s' must be %s or the full name of a class%s"
                                        .formatted(
                                                value,
                                                String.join(", ", Kind.labels()),
                                                Suggestion.hint(value, Kind.labels())));
                    }
                    facts.add("kind", value, Facts.OPTION + "kind");
                });
        size.ifPresent(
                value -> {
                    if (!value.matches(SIZE)) {
                        throw new ConfigException(
                                "--size: '" + value + "' must be like 224x224, width first");
                    }
                    facts.add(
                            "width", value.substring(0, value.indexOf('x')), Facts.OPTION + "size");
                    facts.add(
                            "height",
                            value.substring(value.indexOf('x') + 1),
                            Facts.OPTION + "size");
                });
        add(facts, "resize", resize);
        add(facts, "filter", filter);
        add(facts, "color", color);
        add(facts, "normalize", normalize);
        add(facts, "outputs", outputs);
        add(facts, "columns", columns);
        add(facts, "constants", constants);
        others.forEach(other -> set(facts, other));
        labels.ifPresent(
                file -> {
                    List<String> lines = lines(file).toList();
                    if (lines.isEmpty()) {
                        throw new ConfigException(
                                "--labels: '" + file + "' holds no label; write one per line");
                    }
                    facts.labels(lines, "the file " + file.getFileName());
                });
    }

    private static void set(Facts facts, String other) {
        int equals = other.indexOf('=');
        if (equals < 1) {
            throw new ConfigException(
                    "--set: '%s' must be a key and its value, such as units=fraction"
                            .formatted(other));
        }
        String key = other.substring(0, equals);
        if (!ModelYaml.KEYS.contains(key)) {
            throw new ConfigException(
                    "--set: '%s' is no key that can be set, which are %s%s"
                            .formatted(
                                    key,
                                    String.join(", ", ModelYaml.KEYS),
                                    Suggestion.hint(key, ModelYaml.KEYS)));
        }
        facts.add(key, yaml("set", other.substring(equals + 1)), Facts.OPTION + "set");
    }

    /** A value that is YAML, of one line. */
    private static String yaml(String option, String value) {
        if (value.isBlank() || value.lines().count() != 1) {
            throw new ConfigException("--" + option + ": must be one line");
        }
        try {
            YAML.readTree(value);
        } catch (JacksonException e) {
            throw new ConfigException(
                    "--%s: is no YAML: '%s'; write it as docs/bundles.md does"
                            .formatted(option, value));
        }
        return value.strip();
    }

    private static void add(Facts facts, String key, Optional<String> value) {
        value.ifPresent(given -> facts.add(key, yaml(key, given), Facts.OPTION + key));
    }

    private static Stream<String> lines(Path file) {
        try {
            return Files.readString(file)
                    .lines()
                    .map(String::strip)
                    .filter(line -> !line.isEmpty())
                    .map(line -> line.equals("~") ? "" : line);
        } catch (IOException e) {
            throw new ConfigException(
                    "--labels: '"
                            + file
                            + "' cannot be read; name a UTF-8 file, one label per line");
        }
    }
}
