package dev.millrace.gpu.cuda;

import dev.millrace.gpu.DeviceException;
import dev.millrace.gpu.Engine;
import dev.millrace.gpu.EngineSource;
import dev.millrace.gpu.Memory;
import dev.millrace.gpu.Stream;
import dev.millrace.resource.Resources;
import java.util.LinkedHashMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What one lane needs of an engine. It is complete, warmed and recorded once the last tensor is
 * bound, so that no message pays for it. TensorRT's input-consumed event is not used: the next
 * batch of a lane comes down the same stream, so nothing would wait for it.
 */
final class TensorRtContext implements Engine.Context {
    private static final Logger LOG = LoggerFactory.getLogger(TensorRtContext.class);

    private final Resources resources = new Resources();
    private final CudaDevice device;
    private final TensorRtPlan plan;
    private final EngineSource source;
    private final boolean graphs;
    private final CudaMemory scratch;
    private final Map<String, CudaMemory> bound = new LinkedHashMap<>();
    private Launcher launcher;

    TensorRtContext(CudaDevice device, TensorRtPlan plan, EngineSource source, boolean graphs) {
        this.device = device;
        this.plan = plan;
        this.source = source;
        this.graphs = graphs;
        // An engine may need none, and CUDA gives no address for nothing.
        this.scratch = resources.own(new CudaMemory(device, Math.max(1, plan.contextBytes())));
    }

    @Override
    public void bind(String tensor, Memory memory) {
        bound.put(tensor, (CudaMemory) memory);
        if (bound.size() == source.inputs().size() + source.outputs().size()) {
            try (CudaStream stream = new CudaStream(device)) {
                launcher = resources.own(launcher(stream));
            }
        }
    }

    private Launcher launcher(CudaStream stream) {
        if (graphs) {
            try (CudaStream recorder = new CudaStream(device)) {
                return new GraphLauncher(
                        device, this::context, new Buckets(source.maxBatch()), recorder);
            } catch (DeviceException e) {
                if (e.sticky()) {
                    throw e;
                }
                LOG.warn("{} runs without CUDA graphs: {}", source.name(), e.getMessage());
            }
        }
        return new PlainLauncher(this::context, source.maxBatch(), stream);
    }

    private ExecutionContext context() {
        return new ExecutionContext(plan.engine(), source.inputs(), scratch, bound);
    }

    @Override
    public void enqueue(int batch, Stream stream) {
        source.requireBatch(batch);
        // Makes the device current on this thread, for TensorRT too.
        device.cuda();
        launcher.enqueue(batch, (CudaStream) stream);
    }

    @Override
    public void close() {
        device.cuda();
        resources.close();
    }
}
