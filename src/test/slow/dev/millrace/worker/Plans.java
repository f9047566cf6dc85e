package dev.millrace.worker;

import dev.millrace.config.WorkerConfig;

import dev.millrace.gpu.Device;
import dev.millrace.gpu.EngineSource;

/**
 * In the place of the worker's own: of a model whose version begins with {@code slow}, a plan is
 * built for a minute, which as on a GPU no interrupt ends.
 */
final class Plans {
    private static final long BUILD_NS = 60_000_000_000L;

    private Plans() {}

    static EngineSource source(Device device, LoadedModel model, WorkerConfig config) {
        if (model.version().startsWith("slow")) {
            System.out.println("a slow build has begun");
            long endNs = System.nanoTime() + BUILD_NS;
            while (System.nanoTime() - endNs < 0) {
                try {
                    Thread.sleep(100);
                } catch (InterruptedException e) {
                    // TensorRT would not hear of it either.
                }
            }
        }
        return model.bundle().source(model.maxBatch());
    }
}
