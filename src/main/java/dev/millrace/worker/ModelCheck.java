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
    private final WorkerConfig config;
    private final List<Finding> findings = new ArrayList<>();

    /**
     * @param what the device, or a task's model
     * @param said about it, one line
     */
    public record Finding(boolean good, String what, String said) {}

    private ModelCheck(WorkerConfig config) {
        this.config = config;
    }

    /** One finding for the device and one for each model. */
    public static List<Finding> of(WorkerConfig config) {
        ModelCheck check = new ModelCheck(config);
        check.run();
        return check.findings;
    }

    private void run() {
        try (Device device =
                Devices.open(
                        config.device(), config.profile(), config.models().size(), Tracer.NONE)) {
            findings.add(new Finding(true, "device", device.description()));
            config.models().forEach(model -> load(device, model));
        } catch (ConfigException | DeviceException e) {
            findings.add(new Finding(false, "device", e.getMessage()));
        }
    }

    private void load(Device device, WorkerConfig.Model settings) {
        String what = "model for '" + settings.task() + "'";
        try {
            LoadedModel model = LoadedModel.load(settings, config.cache());
            if (Plans.isToBeBuilt(device, model, config)) {
                findings.add(
                        new Finding(
                                true,
                                what,
                                "no plan for this GPU yet; the first start builds one, which takes"
                                        + " minutes"));
                return;
            }
            try (Engine engine = device.load(Plans.source(device, model, config))) {
                findings.add(
                        new Finding(
                                true,
                                what,
                                "version "
                                        + model.version()
                                        + ", batches of up to "
                                        + engine.maxBatch()));
            }
        } catch (ConfigException | BundleException | DeviceException e) {
            findings.add(new Finding(false, what, e.getMessage()));
        }
    }
}
