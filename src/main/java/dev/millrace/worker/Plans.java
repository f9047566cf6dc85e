package dev.millrace.worker;

import dev.millrace.bundle.plan.OnMissing;
import dev.millrace.bundle.plan.PlanDemand;
import dev.millrace.bundle.plan.PlanMatch;
import dev.millrace.bundle.plan.PlanStore;
import dev.millrace.config.WorkerConfig;
import dev.millrace.gpu.Device;
import dev.millrace.gpu.EngineSource;
import dev.millrace.gpu.PlanCompiler;
import dev.millrace.gpu.cuda.CudaDevice;
import dev.millrace.gpu.cuda.TensorRtCompiler;
import java.nio.file.Path;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a device loads of a model: a GPU a plan, which is built when it is missing. */
public final class Plans {
    private static final Logger LOG = LoggerFactory.getLogger(Plans.class);

    private Plans() {}

    /** Throws {@link dev.millrace.bundle.BundleException} where no plan fits or may be built. */
    public static EngineSource source(Device device, LoadedModel model, WorkerConfig config) {
        EngineSource source = model.bundle().source(model.maxBatch());
        return device instanceof CudaDevice gpu
                ? source.withPlan(plan(gpu, model, config))
                : source;
    }

    /** Whether a worker would build a plan at its start. */
    static boolean isToBeBuilt(Device device, LoadedModel model, WorkerConfig config) {
        return device instanceof CudaDevice gpu
                && config.engine().onMissing() == OnMissing.BUILD
                && new PlanStore(config.cache()).find(demand(gpu, model, config)).isEmpty();
    }

    private static PlanDemand demand(CudaDevice gpu, LoadedModel model, WorkerConfig config) {
        return new PlanDemand(
                model.bundle(), gpu.gpu(), config.engine().precision(), model.maxBatch());
    }

    private static Path plan(CudaDevice gpu, LoadedModel model, WorkerConfig config) {
        WorkerConfig.EngineChoice engine = config.engine();
        PlanDemand demand = demand(gpu, model, config);
        PlanStore store = new PlanStore(config.cache());
        Path plan = store.find(demand).orElseGet(() -> build(store, demand, engine, model.task()));
        PlanMatch.warning(plan, demand).ifPresent(LOG::warn);
        return plan;
    }

    private static Path build(
            PlanStore store, PlanDemand demand, WorkerConfig.EngineChoice engine, String task) {
        Compiler compiler = new Compiler(demand.gpu().index());
        try (compiler) {
            return store.obtain(
                    demand,
                    compiler::open,
                    new PlanStore.BuildSettings(demand.maxBatch(), engine.workspaceBytes()),
                    engine.onMissing(),
                    new Progress(task));
        }
    }

    /** Opened only when there is something to build. */
    private static final class Compiler implements AutoCloseable {
        private final int index;
        private PlanCompiler opened;

        Compiler(int index) {
            this.index = index;
        }

        PlanCompiler open() {
            if (opened == null) {
                opened = TensorRtCompiler.open(index, Optional.empty());
            }
            return opened;
        }

        @Override
        public void close() {
            if (opened != null) {
                opened.close();
            }
        }
    }

    /** A line of the log for each phase. */
    private static final class Progress implements java.util.function.BiConsumer<String, Double> {
        private final String task;
        private String lastPhase = "";

        Progress(String task) {
            this.task = task;
        }

        @Override
        public void accept(String phase, Double done) {
            if (!phase.equals(lastPhase)) {
                lastPhase = phase;
                LOG.info("plan for task '{}': {} % done, {}", task, Math.round(100 * done), phase);
            }
        }
    }
}
