package dev.millrace.bundle;

import com.fasterxml.jackson.databind.JsonNode;
import dev.millrace.yaml.YamlSection;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The key {@code labels}: a list, or the name of a file with one label per line. */
final class LabelReader {
    private static final String KEY = "labels";
    private static final String NOT_REPORTED = "~";
    private static final String REMEDY =
            "list the classes in the order of the scores, or name a file that lists them";

    private final Path file;
    private final YamlSection root;

    LabelReader(Path file, YamlSection root) {
        this.file = file;
        this.root = root;
    }

    /**
     * An empty label is that of a class that is not reported. The list is empty where there are
     * none and the kind needs none.
     */
    List<String> labels(Optional<Kind> kind) {
        if (!root.has(KEY)) {
            if (kind.filter(Kind::hasLabels).isPresent()) {
                throw root.missing(KEY, REMEDY);
            }
            return List.of();
        }
        if (kind.isPresent() && !kind.get().hasLabels()) {
            throw root.wrong(
                    KEY,
                    root.value(KEY),
                    "has no effect on kind " + kind.get().label() + "; remove it");
        }
        JsonNode value = root.value(KEY);
        List<String> labels = value.isArray() ? listed(value) : lines(root.required(KEY, REMEDY));
        if (labels.stream().allMatch(String::isEmpty)) {
            throw root.wrong(
                    KEY, labels, "names no class; list the classes in the order of the scores");
        }
        return labels;
    }

    private List<String> listed(JsonNode list) {
        List<String> labels = new ArrayList<>();
        for (JsonNode label : list) {
            if (label.isNull()) {
                labels.add("");
                continue;
            }
            if (!label.isValueNode() || label.asText().isBlank()) {
                throw root.wrong(
                        KEY + "[" + labels.size() + "]",
                        label,
                        "is not a label; write a word, or ~ for a class that is not reported");
            }
            labels.add(label.asText().strip());
        }
        return labels;
    }

    private List<String> lines(String name) {
        try {
            return ModelFolder.of(file)
                    .text(name)
                    .lines()
                    .map(String::strip)
                    .filter(line -> !line.isEmpty())
                    .map(line -> line.equals(NOT_REPORTED) ? "" : line)
                    .toList();
        } catch (IOException e) {
            throw root.wrong(
                    KEY,
                    ModelFolder.shown(name),
                    "cannot be read beside model.yaml%s; put a UTF-8 file there, one label per line"
                            .formatted(ModelFolder.because(e)));
        }
    }
}
