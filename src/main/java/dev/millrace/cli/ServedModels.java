package dev.millrace.cli;

import dev.millrace.batch.BatchConfig;
import dev.millrace.config.ConfigException;
import dev.millrace.config.ConfigReader;
import dev.millrace.config.WorkerConfig;
import dev.millrace.config.WorkerProfile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The configuration of a worker without a queue, from what a command line says of its models. */
final class ServedModels {
    private ServedModels() {}

    /**
     * Of a configuration in YAML, which need not name a queue.
     *
     * @param profile in the place of the configuration's
     */
    static WorkerConfig of(Path file, Optional<WorkerProfile> profile) {
        Map<String, String> environment = new HashMap<>(System.getenv());
        profile.ifPresent(chosen -> environment.put("MILLRACE_PROFILE", chosen.label()));
        environment.put("MILLRACE_QUEUE_URL", BatchConfig.QUEUE);
        return ConfigReader.read(file, environment);
    }

    /**
     * Of models in folders.
     *
     * @param option that names the tasks
     * @param tasks each of them called like a folder of engines/, unless it has one in {@code
     *     models}
     */
    static WorkerConfig of(String option, List<String> tasks, Map<String, Path> models) {
        Map<String, Path> folders = new HashMap<>(models);
        tasks.forEach(task -> folders.computeIfAbsent(task, name -> bundle(option, name)));
        if (folders.isEmpty()) {
            throw new ConfigException(
                    "%s: missing; name the tasks for each image, such as %s safety"
                            .formatted(option, option));
        }
        return of("--model", folders, WorkerProfile.THROUGHPUT);
    }

    /**
     * Of models in folders, by task.
     *
     * @param option that names the folders
     */
    static WorkerConfig of(String option, Map<String, Path> folders, WorkerProfile profile) {
        List<WorkerConfig.Model> all = new ArrayList<>();
        folders.forEach(
                (task, folder) -> {
                    if (!Files.isDirectory(folder)) {
                        throw new ConfigException(
                                "%s: '%s' is not a folder; give one that holds model.onnx and model.yaml"
                                        .formatted(option, folder));
                    }
                    all.add(WorkerConfig.Model.of(task, folder, profile));
                });
        return BatchConfig.of(all)
                .with(
                        draft -> {
                            draft.profile = profile;
                            draft.device = draft.device.withLanes(profile.lanes());
                        });
    }

    private static Path bundle(String option, String task) {
        Path engines = Path.of(System.getProperty("millrace.home", "."), "engines");
        Path folder = engines.resolve(task);
        if (!Files.isDirectory(folder)) {
            throw new ConfigException(
                    "%s: there is no folder '%s'; name a task that has one, or its model with --model %s=FOLDER"
                            .formatted(option, folder, task));
        }
        return folder;
    }
}
