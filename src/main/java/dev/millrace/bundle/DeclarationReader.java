package dev.millrace.bundle;

import static dev.millrace.yaml.Scalars.choice;
import static dev.millrace.yaml.Scalars.integer;
import static dev.millrace.yaml.Scalars.number;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.millrace.api.ColorOrder;
import dev.millrace.api.Fidelity;
import dev.millrace.api.Normalization;
import dev.millrace.api.ResizeFilter;
import dev.millrace.yaml.Suggestion;
import dev.millrace.yaml.Variables;
import dev.millrace.yaml.YamlFile;
import dev.millrace.yaml.YamlSection;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reads {@code model.yaml}; docs/bundles.md describes it. */
public final class DeclarationReader {
    private static final String KEYS =
            "kind, input, resize, filter, fidelity, color, normalize, labels, outputs"
                    + ", columns, units, activation, background, grid, boxLabels, pool, unit"
                    + ", thresholds, nms, candidates, options, maxBatch, version";

    private static final Fidelity DEFAULT_FIDELITY = Fidelity.FAST;
    private static final int MAX_SIDE = 8192;
    private static final String SIDE = "give a whole number of at least 1";
    private static final int MAX_BATCH = 1024;

    private static final ObjectMapper CANONICAL =
            JsonMapper.builder().enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS).build();

    private final Path file;
    private final YamlSection root;
    private final String kindName;
    private final Optional<Kind> kind;

    private DeclarationReader(Path file) {
        this.file = file;
        this.root = parse(file);
        this.kindName =
                root.required(
                        "kind", "say " + String.join(", ", Kind.labels()) + " or name a class");
        this.kind = Kind.named(kindName);
        if (kind.isEmpty() && !kindName.contains(".")) {
            throw root.wrong(
                    "kind",
                    kindName,
                    "must be "
                            + String.join(", ", Kind.labels())
                            + " or the full name of a class that extends VisionModule"
                            + Suggestion.hint(kindName, Kind.labels()));
        }
    }

    public static Declaration read(Path file) {
        return new DeclarationReader(file).declaration();
    }

    private static YamlSection parse(Path file) {
        try {
            byte[] content =
                    ModelFolder.of(file)
                            .read(file.getFileName().toString(), ModelFolder.MAX_TEXT_BYTES);
            return new YamlFile(file, Variables.none(), BundleException::new).read(content, KEYS);
        } catch (NoSuchFileException e) {
            throw new BundleException(file + ": missing; write it as docs/bundles.md describes");
        } catch (IOException e) {
            throw BundleException.of(
                    file,
                    "model.yaml",
                    ModelFolder.reason(e),
                    "is why it cannot be read; put the file itself there");
        }
    }

    private Declaration declaration() {
        YamlSection input =
                root.requiredSection(
                        "input",
                        "width, height, name, constants",
                        "give it like {width: 224, height: 224}");
        int width = input.required("width", integer(1, MAX_SIDE), SIDE);
        int height = input.required("height", integer(1, MAX_SIDE), SIDE);
        List<String> labels = new LabelReader(file, root).labels(kind);
        Map<String, String> outputs = outputs();
        ColorOrder color = color();
        ModuleReader told = new ModuleReader(root, kindName, kind);
        return new Declaration(
                file,
                kindName,
                input.text("name"),
                constants(input),
                width,
                height,
                new ResizeReader(root, width, height).resize(),
                root.get("filter", choice(ResizeFilter.class), ResizeFilter.BILINEAR),
                fidelity(),
                color,
                normalization(color.channels()),
                labels,
                outputs,
                told.thresholds(labels),
                told.nms(),
                new DecodingReader(root, outputs.keySet()).decoding(kind),
                told.pooling(),
                told.options(),
                told.candidates(),
                root.text("version"),
                root.get("maxBatch", integer(1, MAX_BATCH)),
                canonical(labels));
    }

    /** A graph may ask for more than the image, such as the size that boxes are scaled to. */
    private static Map<String, List<Double>> constants(YamlSection input) {
        YamlSection section = input.section("constants", "");
        Map<String, List<Double>> constants = new LinkedHashMap<>();
        for (String name : section.keys()) {
            constants.put(name, section.numbers(name));
        }
        return constants;
    }

    private Fidelity fidelity() {
        return root.get("fidelity", choice(Fidelity.class), DEFAULT_FIDELITY);
    }

    private ColorOrder color() {
        return root.get("color", choice(ColorOrder.class, ColorOrder::name))
                .orElseThrow(
                        () ->
                                root.missing(
                                        "color",
                                        "write RGB or BGR, whichever the network was"
                                                + " trained on, or GRAY for one channel"));
    }

    private Normalization normalization(int channels) {
        YamlSection normalize =
                root.requiredSection(
                        "normalize",
                        "scale, mean, std",
                        "give (value * scale - mean) / std for values from 0 to 255, such as"
                                + " {scale: 1/255}");
        List<Double> std = normalize.channels("std", channels, 1);
        if (std.contains(0.0) || std.contains(-0.0)) {
            throw normalize.wrong(
                    "std", normalize.value("std"), "divides by 0; leave std out to divide by 1");
        }
        double scale = normalize.get("scale", number(-Float.MAX_VALUE, Float.MAX_VALUE), 1.0);
        return new Normalization(scale, normalize.channels("mean", channels, 0), std);
    }

    private Map<String, String> outputs() {
        List<List<String>> forms = kind.map(Kind::forms).orElse(List.of());
        List<String> known = kind.map(Kind::roles).orElse(List.of());
        YamlSection section =
                root.requiredSection(
                        "outputs",
                        String.join(", ", known),
                        "name the graph's output for each role, such as {"
                                + (known.isEmpty() ? "scores" : known.getFirst())
                                + ": output}");
        List<String> roles = section.keys();
        if (kind.isPresent()) {
            roles = new ArrayList<>(form(section, forms));
            if (known.contains(Kind.COUNT) && section.has(Kind.COUNT)) {
                roles.add(Kind.COUNT);
            }
            for (String role : section.keys()) {
                if (!roles.contains(role)) {
                    throw section.wrong(
                            role,
                            section.value(role),
                            "does not go with %s; remove it"
                                    .formatted(String.join(" and ", roles)));
                }
            }
        }
        Map<String, String> outputs = new LinkedHashMap<>();
        for (String role : roles) {
            outputs.put(
                    role, section.required(role, "name the graph's output that holds the " + role));
        }
        if (outputs.isEmpty()) {
            throw root.wrong("outputs", "{}", "must name an output; write it like {role: name}");
        }
        return outputs;
    }

    /** The form of which most roles are there, the first of equals. */
    private static List<String> form(YamlSection section, List<List<String>> forms) {
        return forms.stream()
                .max(
                        Comparator.comparingLong(
                                        (List<String> form) ->
                                                form.stream().filter(section::has).count())
                                .thenComparing(form -> -forms.indexOf(form)))
                .orElseThrow();
    }

    /** The labels take the place of the name of their file: what counts is what they say. */
    private String canonical(List<String> labels) {
        Map<String, Object> content = new LinkedHashMap<>();
        for (String key : root.keys()) {
            content.put(key, CANONICAL.convertValue(root.value(key), Object.class));
        }
        content.put("labels", labels);
        // It changes how fast the model is, not what it says.
        content.remove("maxBatch");
        try {
            return CANONICAL.writeValueAsString(content);
        } catch (JsonProcessingException e) {
            throw new AssertionError("maps, lists and scalars are always JSON", e);
        }
    }
}
