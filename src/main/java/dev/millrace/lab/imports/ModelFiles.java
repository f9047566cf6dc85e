package dev.millrace.lab.imports;

import dev.millrace.config.ConfigException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The files of a model that somebody downloaded or exported.
 *
 * @param onnx the model
 * @param folders in which its configuration may be, the nearest first
 * @param name that a bundle of it gets
 */
record ModelFiles(Path onnx, List<Path> folders, String name) {
    /** A list that is longer gets a file of its own. */
    private static final int MAX_LISTED = 100;

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
                    around(folder),
                    bare.equals("model") ? folder.getFileName().toString() : bare);
        }
        // Hugging Face's exporters put the graph into a folder of its own.
        for (Path folder : List.of(given, given.resolve("onnx"))) {
            List<Path> models = models(folder);
            if (models.size() == 1) {
                return new ModelFiles(
                        models.getFirst(), List.of(folder, given), whole.getFileName().toString());
            }
            if (models.size() > 1) {
                throw new ConfigException(
                        "'%s' has %d ONNX files (%s); name the one that is meant"
                                .formatted(
                                        folder,
                                        models.size(),
                                        String.join(", ", names(folder, ONNX))));
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

    private static List<Path> around(Path folder) {
        return folder.endsWith("onnx") && folder.getParent() != null
                ? List.of(folder, folder.getParent())
                : List.of(folder);
    }

    private static List<Path> models(Path folder) {
        return names(folder, ONNX).stream().map(folder::resolve).toList();
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
            throw new ConfigException("'" + folder + "' cannot be read (" + e + ")");
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
        for (Path folder : folders) {
            Path card = folder.resolve("README.md");
            if (Files.isRegularFile(card)) {
                try (Stream<String> lines = Files.lines(card)) {
                    return lines.limit(60)
                            .filter(line -> line.startsWith("license:"))
                            .map(line -> line.substring("license:".length()).strip())
                            .findFirst();
                } catch (IOException | UncheckedIOException e) {
                    // A card that is no text names none.
                    return Optional.empty();
                }
            }
        }
        return Optional.empty();
    }

    /**
     * Writes the bundle.
     *
     * @param beside names of the files that hold the model's weights
     */
    void write(Path bundle, ModelYaml yaml, Facts facts, Set<String> beside) throws IOException {
        Files.createDirectories(bundle);
        copy(onnx, bundle.resolve("model.onnx"));
        Path folder = onnx.toAbsolutePath().getParent();
        for (String name : beside) {
            Path file = folder.resolve(name).normalize();
            if (!file.startsWith(folder) || !Files.isRegularFile(file)) {
                throw new ConfigException(
                        "the model keeps weights in '%s', which is not beside it; put it there"
                                .formatted(name));
            }
            Path to = bundle.resolve(name);
            Files.createDirectories(to.toAbsolutePath().getParent());
            copy(file, to);
        }
        for (Path from : folders) {
            if (Files.isRegularFile(from.resolve("LICENSE"))) {
                copy(from.resolve("LICENSE"), bundle.resolve("LICENSE"));
                break;
            }
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
                    bundle.resolve("labels.txt"),
                    names.stream().map(name -> name.isEmpty() ? "~" : name).toList());
        }
        return Optional.of(listed ? ModelYaml.list(names) : "labels.txt");
    }

    private static void copy(Path from, Path to) throws IOException {
        if (!Files.exists(to) || !Files.isSameFile(from, to)) {
            Files.copy(from, to, StandardCopyOption.REPLACE_EXISTING);
        }
    }
}
