package dev.millrace.gpu.cuda;

import dev.millrace.resource.Resources;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/**
 * A batch is padded to its bucket and launched as one graph; what the padding rows give is not
 * copied back. Each graph has an execution context of its own, whose shapes never change again.
 */
final class GraphLauncher implements Launcher {
    private final Buckets buckets;
    private final Resources resources = new Resources();
    private final List<CudaGraph> graphs = new ArrayList<>();

    /**
     * Records all graphs and launches each once. Throws {@link dev.millrace.gpu.DeviceException}
     * where one cannot be.
     */
    GraphLauncher(
            CudaDevice device,
            Supplier<ExecutionContext> contexts,
            Buckets buckets,
            CudaStream recorder) {
        this.buckets = buckets;
        try {
            buckets.rows().forEach(rows -> record(device, contexts.get(), rows, recorder));
        } catch (Throwable e) {
            resources.closeAfter(e);
            throw e;
        }
    }

    private void record(
            CudaDevice device, ExecutionContext context, int rows, CudaStream recorder) {
        resources.own(context);
        context.setBatch(rows);
        // The first run after a change of shapes does work that must not be recorded.
        context.enqueue(recorder);
        recorder.synchronize();
        CudaGraph graph =
                resources.own(CudaGraph.capture(device, recorder, () -> context.enqueue(recorder)));
        graph.upload(recorder);
        // What a graph cannot do, and what its first launch costs, shows now and not in a batch.
        graph.launch(recorder);
        recorder.synchronize();
        graphs.add(graph);
    }

    @Override
    public void enqueue(int batch, CudaStream stream) {
        graphs.get(buckets.index(batch)).launch(stream);
    }

    @Override
    public void close() {
        resources.close();
    }
}
