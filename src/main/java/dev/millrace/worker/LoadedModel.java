package dev.millrace.worker;

import dev.millrace.api.VisionModule;
import dev.millrace.bundle.Bundle;
import dev.millrace.bundle.BundleException;
import dev.millrace.bundle.Bundles;
import dev.millrace.config.ConfigException;
import dev.millrace.config.WorkerConfig;
import dev.millrace.modules.Modules;
import java.nio.file.Path;

/** A model of the configuration with what its folder says. */
public record LoadedModel(WorkerConfig.Model settings, Bundle bundle, VisionModule module) {

    /** Throws {@link ConfigException} with one line. */
    public static LoadedModel load(WorkerConfig.Model settings, Path cache) {
        try {
            Bundle bundle = Bundles.load(settings.bundle(), cache);
            return new LoadedModel(settings, bundle, Modules.create(bundle.spec()));
        } catch (BundleException | IllegalArgumentException e) {
            throw new ConfigException("models: task '" + settings.task() + "': " + e.getMessage());
        }
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
