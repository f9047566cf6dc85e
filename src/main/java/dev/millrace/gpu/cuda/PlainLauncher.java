package dev.millrace.gpu.cuda;

import dev.millrace.resource.Resources;
import java.util.function.Supplier;

/** Every kernel is launched for every batch, of exactly its size. */
final class PlainLauncher implements Launcher {
    private final Resources resources = new Resources();
    private final ExecutionContext context;

    /** Runs one batch, so that what is loaded on first use is loaded before the first message. */
    PlainLauncher(Supplier<ExecutionContext> contexts, int maxBatch, CudaStream warmUp) {
        this.context = resources.own(contexts.get());
        try {
            enqueue(maxBatch, warmUp);
            warmUp.synchronize();
        } catch (Throwable e) {
            resources.closeAfter(e);
            throw e;
        }
    }

    @Override
    public void enqueue(int batch, CudaStream stream) {
        context.setBatch(batch);
        context.enqueue(stream);
    }

    @Override
    public void close() {
        resources.close();
    }
}
