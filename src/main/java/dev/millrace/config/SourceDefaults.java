package dev.millrace.config;

import dev.millrace.yaml.YamlSection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What holds for messages that do not say it: those of a bucket's events never do.
 *
 * @param tasks of the models; none where each message has to name its own
 * @param callback URL; none where each message has to name its own
 * @param metadata JSON
 */
public record SourceDefaults(
        List<String> tasks, Optional<String> callback, Optional<String> metadata) {
    public static final SourceDefaults NONE =
            new SourceDefaults(List.of(), Optional.empty(), Optional.empty());

    private static final int MAX_TASKS = 16;

    public SourceDefaults {
        tasks = List.copyOf(tasks);
        if (tasks.size() > MAX_TASKS || new HashSet<>(tasks).size() < tasks.size()) {
            throw new ConfigException(
                    "source.defaults.tasks: name at most %d tasks, each once".formatted(MAX_TASKS));
        }
    }

    static SourceDefaults read(YamlSection root) {
        YamlSection defaults =
                root.section("source", "defaults")
                        .section("defaults", "tasks, callback, results, metadata");
        return new SourceDefaults(
                defaults.texts("tasks"), defaults.text("callback"), defaults.json("metadata"));
    }

    void requireServed(Set<String> served) {
        for (String task : tasks) {
            if (!served.contains(task)) {
                throw new ConfigException(
                        "source.defaults.tasks: no model serves '%s'; use one of %s"
                                .formatted(
                                        task,
                                        String.join(", ", served.stream().sorted().toList())));
            }
        }
    }
}
