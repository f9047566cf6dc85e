package dev.millrace.worker;

import dev.millrace.api.VisionModule;
import dev.millrace.bundle.Bundle;
import dev.millrace.bundle.BundleException;
import dev.millrace.bundle.graph.Bundles;
import dev.millrace.config.ConfigException;
import dev.millrace.config.WorkerConfig;
import dev.millrace.modules.Modules;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * A model of the configuration with what its folder says.
 *
 * @param stamp of the folder, from before it was read
 */
public record LoadedModel(
        WorkerConfig.Model settings, Bundle bundle, VisionModule module, String stamp) {

    /** Those of a configuration. */
    public static List<LoadedModel> all(WorkerConfig config) {
        return config.models().stream().map(model -> load(model, config.cache())).toList();
    }

    /** Throws {@link ConfigException} with one line. */
    public static LoadedModel load(WorkerConfig.Model settings, Path cache) {
        try {
            String stamp = stamp(settings.bundle());
            Bundle bundle = Bundles.load(settings.bundle(), cache);
            return new LoadedModel(settings, bundle, Modules.create(bundle.spec()), stamp);
        } catch (BundleException | IllegalArgumentException e) {
            throw mistake(settings, e.getMessage());
        }
    }

    static ConfigException mistake(WorkerConfig.Model settings, String why) {
        return new ConfigException("models: task '" + settings.task() + "': " + why);
    }

    /** Names, sizes and times of a folder's files. */
    static String stamp(Path folder) {
        StringBuilder stamp = new StringBuilder();
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
                stamp.append(file.getFileName()).append(' ').append(Files.size(file));
                stamp.append(' ').append(Files.getLastModifiedTime(file)).append('\n');
            }
        } catch (IOException e) {
            // A file that vanished while it was looked at: the next look sees the rest.
            stamp.append(e.getClass().getName());
        }
        return stamp.toString();
    }

    int maxBatch() {
        return settings.maxBatch()
                .or(bundle.origin()::maxBatch)
                .orElse(WorkerConfig.Model.DEFAULT_MAX_BATCH);
    }

    public String task() {
        return settings.task();
    }

    String version() {
        return bundle.spec().version();
    }
}
