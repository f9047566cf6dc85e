package dev.millrace.bundle;

import com.fasterxml.jackson.databind.JsonNode;
import dev.millrace.yaml.YamlSection;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** The key {@code labels}: a list, or the name of a file with one label per line. */
final class LabelReader {
    private static final String KEY = "labels";
    private static final String REMEDY =
            "list the classes in the order of the scores, or name a file that lists them";

    private final Path file;
    private final YamlSection root;

    LabelReader(Path file, YamlSection root) {
        this.file = file;
        this.root = root;
    }

    /** Empty where there are none and the kind needs none. */
    List<String> labels(Optional<Kind> kind) {
        if (!root.has(KEY)) {
            if (kind.isPresent() && kind.get() != Kind.TEXT) {
                throw root.missing(KEY, REMEDY);
            }
            return List.of();
        }
        if (kind.filter(Kind.TEXT::equals).isPresent()) {
            throw root.wrong(KEY, root.value(KEY), "has no effect on kind text; remove it");
        }
        JsonNode value = root.value(KEY);
        return value.isArray()
                ? distinct(listed(value))
                : distinct(lines(root.required(KEY, REMEDY)));
    }

    private List<String> listed(JsonNode list) {
        List<String> labels = new ArrayList<>();
        for (JsonNode label : list) {
            if (!label.isValueNode() || label.isNull() || label.asText().isBlank()) {
                throw root.wrong(
                        KEY + "[" + labels.size() + "]",
                        label,
                        "is not a label; write a word instead");
            }
            labels.add(label.asText().strip());
        }
        return labels;
    }

    private List<String> lines(String name) {
        try {
            return Files.readString(file.resolveSibling(name))
                    .lines()
                    .map(String::strip)
                    .filter(line -> !line.isEmpty())
                    .toList();
        } catch (IOException e) {
            throw root.wrong(
                    KEY,
                    name,
                    "cannot be read beside model.yaml; put a UTF-8 file there, one label per line");
        }
    }

    /** Results are written by label, so that two classes of one name would be one. */
    private List<String> distinct(List<String> labels) {
        if (labels.isEmpty()) {
            throw root.wrong(KEY, "[]", "is empty; list the classes in the order of the scores");
        }
        Set<String> seen = new HashSet<>();
        for (String label : labels) {
            if (!seen.add(label)) {
                throw root.wrong(
                        KEY, label, "is given to two classes; give each class its own label");
            }
        }
        return labels;
    }
}
