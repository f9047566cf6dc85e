package dev.millrace.lab.imports;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.millrace.bundle.ModelFolder;
import dev.millrace.config.ConfigException;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** A JSON file beside a model. */
record JsonFile(Path path, JsonNode root) {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final int MOST_LABELS = 100_000;

    /** Empty where there is none; throws one line where it is no JSON. */
    static Optional<JsonFile> in(ModelFolder folder, String name) {
        Path path = folder.path(name);
        try {
            JsonNode root = JSON.readTree(folder.read(name, ModelFolder.MAX_TEXT_BYTES));
            if (root.isObject()) {
                return Optional.of(new JsonFile(path, root));
            }
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (JacksonException e) {
            throw new ConfigException(
                    path + ": is not JSON (" + e.getOriginalMessage() + "); download it again");
        } catch (IOException e) {
            throw ModelFiles.unreadable(path, e);
        }
        throw new ConfigException(path + ": is not a JSON object; download it again");
    }

    String name() {
        return path.getFileName().toString();
    }

    /**
     * The numbers of a list, or of a single value, as YAML has them; empty where there are none.
     */
    static Optional<String> numbers(JsonNode value) {
        if (value.isNumber()) {
            return Optional.of(value.asText());
        }
        if (value.isArray() && value.size() == 1) {
            return numbers(value.get(0));
        }
        boolean three = value.isArray() && value.size() == 3;
        if (!three) {
            return Optional.empty();
        }
        List<String> numbers = new ArrayList<>();
        for (JsonNode number : value) {
            if (!number.isNumber()) {
                return Optional.empty();
            }
            numbers.add(number.asText());
        }
        return Optional.of(numbers.stream().collect(Collectors.joining(", ", "[", "]")));
    }

    /** {@code {"0": "cat", "2": "dog"}} as a list; an empty text for a gap. */
    static List<String> labels(JsonNode byId) {
        List<String> labels = new ArrayList<>();
        for (var entry : byId.properties()) {
            if (!entry.getKey().matches("\\d{1,5}")) {
                return List.of();
            }
            int id = Math.min(MOST_LABELS, Integer.parseInt(entry.getKey()));
            while (labels.size() <= id) {
                labels.add("");
            }
            labels.set(id, entry.getValue().asText().strip());
        }
        return labels;
    }
}
