package dev.millrace.lab.imports;

import dev.millrace.config.ConfigException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import picocli.CommandLine.Option;

/** What the user knows of a model; it goes before all that is found. */
final class ImportOptions {
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
        kind.ifPresent(value -> facts.add("kind", value, "the option --kind"));
        size.ifPresent(
                value -> {
                    if (!value.matches(SIZE)) {
                        throw new ConfigException(
                                "--size: '" + value + "' must be like 224x224, width first");
                    }
                    facts.add("width", value.substring(0, value.indexOf('x')), "the option --size");
                    facts.add(
                            "height", value.substring(value.indexOf('x') + 1), "the option --size");
                });
        add(facts, "resize", resize);
        add(facts, "filter", filter);
        add(facts, "color", color);
        add(facts, "normalize", normalize);
        add(facts, "outputs", outputs);
        add(facts, "columns", columns);
        add(facts, "constants", constants);
        labels.ifPresent(
                file -> facts.labels(lines(file).toList(), "the file " + file.getFileName()));
    }

    private static void add(Facts facts, String key, Optional<String> value) {
        value.ifPresent(
                yaml -> {
                    if (yaml.lines().count() != 1) {
                        throw new ConfigException("--" + key + ": must be one line");
                    }
                    facts.add(key, yaml.strip(), "the option --" + key);
                });
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
