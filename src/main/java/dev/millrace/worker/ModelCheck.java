package dev.millrace.worker;

import dev.millrace.bundle.BundleException;
import dev.millrace.config.ConfigException;
import dev.millrace.config.WorkerConfig;
import dev.millrace.gpu.Device;
import dev.millrace.gpu.DeviceException;
import dev.millrace.gpu.Engine;
import dev.millrace.gpu.Tracer;
import java.util.ArrayList;
import java.util.List;

/** Loads the models of a configuration on its device as a worker would, and lets them go. */
public final class ModelCheck {
    private ModelCheck() {}

    /**
     * @param what the device, or a task's model
     * @param said about it, one line
     */
    public record Finding(boolean good, String what, String said) {}

    /** One finding for the device and one for each model. */
    public static List<Finding> of(WorkerConfig config) {
        List<Finding> findings = new ArrayList<>();
        try (Device device = Devices.open(config, Tracer.NONE)) {
            findings.add(new Finding(true, "device", device.description()));
            config.models().forEach(model -> findings.add(load(device, model, config)));
        } catch (ConfigException | DeviceException e) {
            findings.add(new Finding(false, "device", e.getMessage()));
        }
        return findings;
    }

    private static Finding load(Device device, WorkerConfig.Model settings, WorkerConfig config) {
        String what = "model for '" + settings.task() + "'";
        try {
            LoadedModel model = LoadedModel.load(settings, config.cache());
            if (Plans.isToBeBuilt(device, model, config)) {
                String later =
                        "no plan for this GPU yet; the first start builds one, which takes minutes";
                return new Finding(true, what, later);
            }
            try (Engine engine = device.load(Plans.source(device, model, config))) {
                String said = "version %s, batches of up to %s";
                return new Finding(true, what, said.formatted(model.version(), engine.maxBatch()));
            }
        } catch (ConfigException | BundleException | DeviceException e) {
            return new Finding(false, what, e.getMessage());
        }
    }
}
