package dev.millrace.lab.imports;

import dev.millrace.bundle.ModelFolder;
import dev.millrace.bundle.graph.ExternalWeights;
import dev.millrace.config.ConfigException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The files of a model that somebody downloaded or exported.
 *
 * @param onnx the model, for messages
 * @param bytes of the model
 * @param folders in which its configuration may be, the nearest first
 * @param name that a bundle of it gets
 */
record ModelFiles(Path onnx, byte[] bytes, List<ModelFolder> folders, String name) {
    /** A list that is longer gets a file of its own. */
    private static final int MAX_LISTED = 100;

    private static final int MAX_MODEL_BYTES = Integer.MAX_VALUE - 8;
    private static final String LABELS = "labels.txt";
    private static final String LICENSE = "LICENSE";

    /** What a bundle has beside weights. */
    private static final Set<String> OWN =
            Set.of("model.onnx", "model.yaml", LABELS, LICENSE, "plans", "photos");

    private static final String ONNX = ".*\\.onnx";

    /** What training leaves, and what a model hub offers. */
    private static final String WEIGHTS = ".*\\.(safetensors|bin|ckpt|pt|pth|h5|keras|pb|tflite)";

    static ModelFiles find(Path given) {
        Path whole = given.toAbsolutePath().normalize();
        if (!Files.isDirectory(given)) {
            String file = whole.getFileName().toString();
            Path folder = whole.getParent();
            String bare = file.replaceFirst("\\.onnx$", "");
            return new ModelFiles(
                    given,
                    named(given),
                    around(folder),
                    bare.equals("model") ? folder.getFileName().toString() : bare);
        }
        ModelFolder folder = folder(given);
        // Hugging Face's exporters put the graph into a folder of its own.
        for (String inner : List.of("", "onnx/")) {
            Path place = given.resolve(inner);
            List<String> models = names(place, ONNX);
            if (models.size() == 1) {
                Path onnx = place.resolve(models.getFirst());
                try {
                    byte[] bytes = folder.read(inner + models.getFirst(), MAX_MODEL_BYTES);
                    return new ModelFiles(
                            onnx,
                            bytes,
                            inner.isEmpty() ? List.of(folder) : List.of(folder(place), folder),
                            whole.getFileName().toString());
                } catch (IOException e) {
                    throw unreadable(onnx, e);
                }
            }
            if (models.size() > 1) {
                throw new ConfigException(
                        "'%s' has %d ONNX files (%s); name the one that is meant"
                                .formatted(place, models.size(), String.join(", ", models)));
            }
        }
        List<String> weights = names(given, WEIGHTS);
        throw new ConfigException(
                weights.isEmpty()
                        ? "'%s' has no ONNX file; name one, or export the model to ONNX first"
                                .formatted(given)
                        : "'%s' has %s and no ONNX file; export the model first, such as with optimum-cli export onnx (Hugging Face), yolo export format=onnx (Ultralytics) or torch.onnx.export"
                                .formatted(given, String.join(", ", weights)));
    }

    private static List<ModelFolder> around(Path folder) {
        return folder.endsWith("onnx") && folder.getParent() != null
                ? List.of(folder(folder), folder(folder.getParent()))
                : List.of(folder(folder));
    }

    private static ModelFolder folder(Path folder) {
        try {
            return ModelFolder.at(folder);
        } catch (IOException e) {
            throw unreadable(folder, e);
        }
    }

    private static byte[] named(Path onnx) {
        try {
            return ModelFolder.readNamed(onnx, MAX_MODEL_BYTES);
        } catch (NoSuchFileException e) {
            throw new ConfigException("'" + onnx + "' does not exist; name an ONNX file");
        } catch (IOException e) {
            throw unreadable(onnx, e);
        }
    }

    static ConfigException unreadable(Path file, IOException e) {
        return new ConfigException(
                "%s: '%s' is why it cannot be read; 'cp -rL' makes a copy of a folder in which links are files"
                        .formatted(ModelFolder.shown(file.toString()), ModelFolder.reason(e)));
    }

    private static List<String> names(Path folder, String pattern) {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.matches(pattern))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw unreadable(folder, e);
        }
    }

    private Optional<JsonFile> json(String name) {
        return folders.stream().flatMap(it -> JsonFile.in(it, name).stream()).findFirst();
    }

    /** What is found in the model's metadata and beside it. */
    void read(ModelSurface model, Facts facts) {
        if (Ultralytics.wrote(model)) {
            Ultralytics.read(model, facts);
        } else if (OpenVino.wrote(model)) {
            OpenVino.read(model, facts);
        }
        Optional<JsonFile> config = json("config.json");
        if (config.filter(Timm::wrote).isPresent()) {
            Timm.read(config.get(), facts);
        } else {
            HuggingFace.read(config, json("preprocessor_config.json"), facts);
        }
        card().ifPresent(facts::license);
    }

    /** The licence that the head of a model card names. */
    private Optional<String> card() {
        return beside("README.md")
                .flatMap(
                        card ->
                                new String(card, StandardCharsets.UTF_8)
                                        .lines()
                                        .limit(60)
                                        .filter(line -> line.startsWith("license:"))
                                        .findFirst())
                .map(line -> line.substring("license:".length()).strip());
    }

    /** The nearest file of this name. */
    private Optional<byte[]> beside(String name) {
        for (ModelFolder folder : folders) {
            try {
                return Optional.of(folder.read(name, ModelFolder.MAX_TEXT_BYTES));
            } catch (NoSuchFileException e) {
                // It may be in the next.
            } catch (IOException e) {
                throw unreadable(folder.path(name), e);
            }
        }
        return Optional.empty();
    }

    /** The files that hold the model's weights, all of which are beside it. */
    ExternalWeights weights(ModelSurface model) {
        ExternalWeights weights = new ExternalWeights(onnx, folders.getFirst(), model.model());
        for (String name : weights.names()) {
            if (OWN.contains(Path.of(name).normalize().getName(0).toString())) {
                throw new ConfigException(
                        "%s: weights: '%s' is where they are, and the bundle has a file of its own there; export the model again with another name for them"
                                .formatted(onnx, name));
            }
        }
        return weights;
    }

    /** Writes the bundle. */
    void write(Path bundle, ModelYaml yaml, Facts facts, ExternalWeights weights)
            throws IOException {
        Files.createDirectories(bundle);
        Files.write(bundle.resolve("model.onnx"), bytes);
        weights.copy(bundle);
        Optional<byte[]> license = beside(LICENSE);
        if (license.isPresent()) {
            Files.write(bundle.resolve(LICENSE), license.get());
        }
        Files.writeString(
                bundle.resolve("model.yaml"), yaml.text(head(facts), labels(bundle, facts)));
    }

    private List<String> head(Facts facts) {
        List<String> head = new ArrayList<>();
        head.add(
                "Written by `millrace engine import` from "
                        + onnx.getFileName()
                        + ". Each comment says where its line comes from.");
        facts.license().ifPresent(license -> head.add("Licence of the model: " + license));
        facts.warnings().forEach(warning -> head.add("Note: " + warning + "."));
        return head;
    }

    private static Optional<String> labels(Path bundle, Facts facts) throws IOException {
        List<String> names = facts.labels().map(Facts.Labels::names).orElse(List.of());
        if (names.isEmpty() || !facts.isLabelled()) {
            return Optional.empty();
        }
        boolean listed = names.size() <= MAX_LISTED;
        if (!listed) {
            Files.write(
                    bundle.resolve(LABELS),
                    names.stream().map(name -> name.isEmpty() ? "~" : name).toList());
        }
        return Optional.of(listed ? ModelYaml.list(names) : LABELS);
    }
}
