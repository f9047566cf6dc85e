package dev.millrace.worker;

import dev.millrace.bundle.plan.OnMissing;
import dev.millrace.bundle.plan.PlanDemand;
import dev.millrace.bundle.plan.PlanMatch;
import dev.millrace.bundle.plan.PlanStore;
import dev.millrace.config.WorkerConfig;
import dev.millrace.gpu.Device;
import dev.millrace.gpu.EngineSource;
import dev.millrace.gpu.PlanCompiler;
import dev.millrace.gpu.build.ChildBuilds;
import dev.millrace.gpu.cuda.CudaDevice;
import dev.millrace.gpu.cuda.TensorRtCompiler;
import dev.millrace.resource.Resources;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.BiConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a device loads of a model: a GPU a plan, which is built when it is missing. */
public final class Plans {
    private static final Logger LOG = LoggerFactory.getLogger(Plans.class);

    private Plans() {}

    /** Throws {@link dev.millrace.bundle.BundleException} where no plan fits or may be built. */
    public static EngineSource source(Device device, LoadedModel model, WorkerConfig config) {
        return device instanceof CudaDevice gpu
                ? model.bundle().source(launch(model)).withPlan(plan(gpu, model, config))
                : model.bundle().source(model.maxBatch());
    }

    /** Whether a worker would build a plan at its start. */
    static boolean isToBeBuilt(Device device, LoadedModel model, WorkerConfig config) {
        return device instanceof CudaDevice gpu
                && config.engine().onMissing() == OnMissing.BUILD
                && new PlanStore(config.cache()).find(demand(gpu, model, config)).isEmpty();
    }

    private static PlanDemand demand(CudaDevice gpu, LoadedModel model, WorkerConfig config) {
        return new PlanDemand(
                model.bundle(), gpu.gpu(), config.engine().precision(), launch(model));
    }

    /** A host computes the rows of a batch one by one, whatever the graph itself takes. */
    private static int launch(LoadedModel model) {
        return Math.min(model.maxBatch(), model.bundle().launch());
    }

    private static Path plan(CudaDevice gpu, LoadedModel model, WorkerConfig config) {
        WorkerConfig.EngineChoice engine = config.engine();
        PlanDemand demand = demand(gpu, model, config);
        PlanStore store = new PlanStore(config.cache());
        Path plan = store.find(demand).orElseGet(() -> build(store, demand, engine, model.task()));
        PlanMatch.warning(plan, demand).ifPresent(LOG::warn);
        PlanMatch.builderResource(plan)
                .ifPresent(resource -> LOG.info("{} was built from {}", plan, resource));
        return plan;
    }

    private static Path build(
            PlanStore store, PlanDemand demand, WorkerConfig.EngineChoice engine, String task) {
        int gpu = demand.gpu().index();
        try (Resources opened = new Resources()) {
            return store.obtain(
                    demand,
                    () -> {
                        PlanCompiler here =
                                opened.own(TensorRtCompiler.open(gpu, Optional.empty()));
                        return new ChildBuilds(here, Optional.empty());
                    },
                    new PlanStore.BuildSettings(
                            demand.maxBatch(), engine.workspaceBytes(), engine.buildLimit()),
                    engine.onMissing(),
                    new Progress(task));
        }
    }

    /** A line of the log for each phase. */
    private static final class Progress implements BiConsumer<String, Double> {
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
