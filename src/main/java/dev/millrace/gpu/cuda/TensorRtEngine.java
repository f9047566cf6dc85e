package dev.millrace.gpu.cuda;

import dev.millrace.gpu.DeviceException;
import dev.millrace.gpu.Engine;
import dev.millrace.gpu.EngineSource;
import java.nio.file.Path;

/** A plan that fits its model. Its weights are on the GPU once; each lane has its own context. */
record TensorRtEngine(CudaDevice device, EngineSource source, TensorRtPlan plan, boolean graphs)
        implements Engine {
    /** Loads the plan of {@code source}. Throws {@link DeviceException}, one line. */
    static TensorRtEngine load(CudaDevice device, EngineSource source, boolean graphs) {
        Path file =
                source.plan()
                        .orElseThrow(
                                () ->
                                        new DeviceException(
                                                source.name()
                                                        + " has no plan for this GPU; build one, or run it with device.type host"));
        TensorRt.prepare(Libraries.fromEnvironment());
        device.cuda();
        TensorRtPlan plan = TensorRtPlan.read(file);
        try {
            PlanFit.mismatch(source, plan.tensors(), plan.profiles())
                    .ifPresent(
                            why -> {
                                throw new DeviceException(
                                        "the plan %s does not fit %s: %s; build it again"
                                                .formatted(file, source.name(), why));
                            });
            return new TensorRtEngine(device, source, plan, graphs);
        } catch (Throwable e) {
            plan.close();
            throw e;
        }
    }

    @Override
    public Context createContext() {
        device.cuda();
        return new TensorRtContext(device, plan, source, graphs);
    }

    @Override
    public void close() {
        device.cuda();
        plan.close();
    }
}
