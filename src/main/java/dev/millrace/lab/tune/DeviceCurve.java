package dev.millrace.lab.tune;

import dev.millrace.config.WorkerConfig;
import dev.millrace.gpu.Device;
import dev.millrace.gpu.Tracer;
import dev.millrace.lab.engine.Sweep;
import dev.millrace.worker.Devices;
import dev.millrace.worker.LoadedModel;
import dev.millrace.worker.Plans;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What batches of every size take on the device of a configuration, without a worker around. */
final class DeviceCurve {
    private DeviceCurve() {}

    /**
     * Measures each model alone.
     *
     * @param config whose models name the largest batch
     * @param measureNs how long each figure is measured
     * @return by task
     */
    public static Map<String, List<Sweep.Point>> measure(WorkerConfig config, long measureNs) {
        Map<String, List<Sweep.Point>> curves = new LinkedHashMap<>();
        List<LoadedModel> models = LoadedModel.all(config);
        try (Device device = Devices.open(config, Tracer.NONE)) {
            Sweep sweep = new Sweep(device, measureNs);
            for (LoadedModel model : models) {
                curves.put(
                        model.task(),
                        sweep.run(Plans.source(device, model, config), point -> {}).points());
            }
        }
        return curves;
    }
}
