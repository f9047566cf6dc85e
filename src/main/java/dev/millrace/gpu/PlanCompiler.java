package dev.millrace.gpu;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;

/**
 * Makes plans: what TensorRT builds of a graph for one kind of GPU. Every method throws {@link
 * DeviceException} with one line that says what failed and what to do.
 */
public interface PlanCompiler extends AutoCloseable {
    /** What the plans are made for. */
    GpuInfo gpu();

    /** Which library with kernels TensorRT builds from, for a person. */
    String builderResource();

    /**
     * Builds a plan.
     *
     * @param onnx a strongly typed graph with a dynamic batch: its types are the plan's
     * @param plan the file that is written
     * @param progress told the phase and how much of it is done, 0 to 1
     */
    void build(Path onnx, Options options, Path plan, BiConsumer<String, Double> progress);

    /** What a plan holds. */
    Report inspect(Path plan);

    @Override
    void close();

    /**
     * @param minBatch rows per batch at least
     * @param optBatch rows per batch that kernels are chosen for
     * @param maxBatch rows per batch at most
     * @param workspaceBytes of device memory that a kernel may use as scratch
     * @param timingCache kept between builds, where one is wanted
     * @param limit of the time that it takes, where somebody can end it
     */
    record Options(
            int minBatch,
            int optBatch,
            int maxBatch,
            long workspaceBytes,
            Optional<Path> timingCache,
            Duration limit) {
        public static final Duration DEFAULT_LIMIT = Duration.ofMinutes(20);

        /** With the usual limit. */
        public Options(
                int minBatch,
                int optBatch,
                int maxBatch,
                long workspaceBytes,
                Optional<Path> timingCache) {
            this(minBatch, optBatch, maxBatch, workspaceBytes, timingCache, DEFAULT_LIMIT);
        }

        public Options {
            if (!(1 <= minBatch && minBatch <= optBatch && optBatch <= maxBatch)) {
                throw new IllegalArgumentException(
                        "the batch sizes %s, %s, %s must be at least 1 and in ascending order"
                                .formatted(minBatch, optBatch, maxBatch));
            }
        }
    }

    /**
     * @param contextBytes of device memory that one execution context takes
     * @param weightBytes of device memory that the weights take
     */
    record Report(
            List<Tensor> tensors,
            List<OptimizationProfile> profiles,
            List<Layer> layers,
            long contextBytes,
            long weightBytes,
            Duration loadTime) {}

    /**
     * @param shape -1 where it is dynamic
     */
    record Tensor(String name, boolean input, String type, List<Integer> shape) {}

    /** The batch sizes of one optimisation profile. */
    record OptimizationProfile(int minBatch, int optBatch, int maxBatch) {}

    /**
     * @param precision such as {@code FP16}
     */
    record Layer(String name, String kind, String precision) {}
}
