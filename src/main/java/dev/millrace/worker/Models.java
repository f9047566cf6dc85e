package dev.millrace.worker;

import dev.millrace.bundle.BundleException;
import dev.millrace.duty.Duties;
import dev.millrace.gpu.Device;
import dev.millrace.gpu.DeviceException;
import dev.millrace.gpu.Tracer;
import dev.millrace.job.JobEntrance;
import dev.millrace.job.Message;
import dev.millrace.job.NativeGuard;
import dev.millrace.preprocess.DecodeBudget;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The pipelines of the worker, one per task, and their replacement while messages flow. Owns them.
 */
final class Models implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Models.class);

    /** Jobs per preprocess thread; with fewer none waits for long. */
    private static final int CROWD = 4;

    private final WorkerConfig config;
    private final Device device;
    private final DecodeBudget decodeBudget;
    private final Supplier<NativeGuard> guards;
    private final Consumer<Message> completed;
    private final Duties duties;
    private final Map<String, ModelMeters> meters = new LinkedHashMap<>();
    private final Map<String, ModelPipeline> pipelines = new LinkedHashMap<>();
    private final Map<String, JobEntrance> entrances = new ConcurrentHashMap<>();
    // Replaced, and not yet empty when the worker was told to end.
    private final List<ModelPipeline> retiring = new ArrayList<>();
    private boolean draining;

    Models(
            WorkerConfig config,
            List<LoadedModel> models,
            Device device,
            Tracer tracer,
            Supplier<NativeGuard> guards,
            Consumer<Message> completed,
            Duties duties) {
        this.config = config;
        this.decodeBudget = new DecodeBudget(config.preprocess().decodeBytes());
        this.device = device;
        this.guards = guards;
        this.completed = completed;
        this.duties = duties;
        try {
            for (LoadedModel model : models) {
                meters.put(
                        model.task(),
                        new ModelMeters(model.task(), config.preprocess().threads(), tracer));
                install(model);
            }
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    /** Makes a pipeline the one that takes jobs; returns the one that did. */
    private ModelPipeline install(LoadedModel model) {
        ModelMeters measured = meters.get(model.task());
        ModelPipeline pipeline = build(model, measured);
        pipeline.start();
        measured.ring(pipeline.ring());
        entrances.put(model.task(), pipeline.entrance());
        return pipelines.put(model.task(), pipeline);
    }

    private ModelPipeline build(LoadedModel model, ModelMeters measured) {
        try {
            ModelPipeline pipeline =
                    new ModelPipeline(
                            config,
                            model,
                            device,
                            decodeBudget,
                            measured,
                            guards,
                            completed,
                            duties);
            pipeline.warmUp();
            return pipeline;
        } catch (BundleException | DeviceException e) {
            throw new ConfigException("models: task '" + model.task() + "': " + e.getMessage());
        }
    }

    /** By task; the way in changes when the model is replaced. */
    Map<String, JobEntrance> entrances() {
        return entrances;
    }

    DecodeBudget decodeBudget() {
        return decodeBudget;
    }

    List<ModelMeters> meters() {
        return List.copyOf(meters.values());
    }

    /** Whether a model has more jobs than its threads get through soon. */
    boolean crowded() {
        int many = CROWD * config.preprocess().threads();
        return meters.values().stream().anyMatch(model -> model.ring().occupied() > many);
    }

    /** What runs, for a person. */
    synchronized String description() {
        List<String> lines = new ArrayList<>();
        for (ModelPipeline pipeline : pipelines.values()) {
            lines.add(
                    pipeline.task()
                            + " "
                            + pipeline.version()
                            + " ("
                            + pipeline.ring().size()
                            + " rows, "
                            + (pipeline.ring().arenaBytes() >> 20)
                            + " MiB pinned)");
        }
        return String.join(", ", lines);
    }

    synchronized String version(String task) {
        return pipelines.get(task).version();
    }

    /**
     * Puts a model in the place of the one that serves its task: loaded and warmed beside it, then
     * the new jobs go here, then the old one ends its own and is freed.
     */
    synchronized void replace(LoadedModel model) throws InterruptedException {
        if (draining) {
            return;
        }
        long startNs = System.nanoTime();
        ModelPipeline old = install(model);
        retiring.add(old);
        old.ring().retire();
        old.close();
        retiring.remove(old);
        NativeHeap.trim();
        LOG.info(
                "task '{}': version {} in the place of {}, after {} ms",
                model.task(),
                model.version(),
                old.version(),
                (System.nanoTime() - startNs) / 1_000_000);
    }

    /** From now on no batch waits to be fuller, and no model is replaced. */
    synchronized void drain() {
        draining = true;
        running().forEach(ModelPipeline::drain);
    }

    /** Waits until every job that was published is delivered; says whether it is. */
    synchronized boolean awaitEmpty(Duration timeout) throws InterruptedException {
        long deadlineNs = System.nanoTime() + timeout.toNanos();
        boolean empty = true;
        for (ModelPipeline pipeline : running()) {
            long leftNs = Math.max(0, deadlineNs - System.nanoTime());
            empty &= pipeline.awaitEmpty(Duration.ofNanos(leftNs));
        }
        return empty;
    }

    private List<ModelPipeline> running() {
        List<ModelPipeline> running = new ArrayList<>(pipelines.values());
        running.addAll(retiring);
        return running;
    }

    @Override
    public synchronized void close() {
        running().reversed().forEach(ModelPipeline::close);
    }
}
