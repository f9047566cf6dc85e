package dev.millrace.worker;

import dev.millrace.bundle.BundleException;
import dev.millrace.config.ConfigException;
import dev.millrace.config.WorkerConfig;
import dev.millrace.duty.Duties;
import dev.millrace.gpu.Device;
import dev.millrace.gpu.DeviceException;
import dev.millrace.gpu.Tracer;
import dev.millrace.job.JobEntrance;
import dev.millrace.job.Message;
import dev.millrace.job.NativeGuard;
import dev.millrace.observe.ModelMeters;
import dev.millrace.observe.live.ModelFacts;
import dev.millrace.preprocess.DecodeBudget;
import dev.millrace.preprocess.PreparedRows;
import dev.millrace.resource.Deadline;
import dev.millrace.resource.Resources;
import dev.millrace.resource.StillInUseException;
import dev.millrace.serve.ServedModel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The pipelines of the worker, one per task, and their replacement while messages flow. Owns them.
 *
 * <p>Its monitor guards which pipelines there are, for moments only: a load takes minutes, and
 * nothing that ends the worker waits for one.
 */
final class Models implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Models.class);

    /** Jobs per preprocess thread; with fewer none waits for long. */
    private static final int CROWD = 4;

    private final WorkerConfig config;
    private final Device device;
    private final DecodeBudget decodeBudget;
    private final PreparedRows preparedRows = PreparedRows.ofHeap();
    private final Supplier<NativeGuard> guards;
    private final Consumer<Message> completed;
    private final Duties duties;
    private final Map<String, ModelMeters> meters = new LinkedHashMap<>();
    private final Map<String, ModelPipeline> pipelines = new LinkedHashMap<>();
    private final Map<String, JobEntrance> entrances = new ConcurrentHashMap<>();
    // Replaced, and not yet empty when the worker was told to end.
    private final List<ModelPipeline> retiring = new ArrayList<>();
    private volatile boolean draining;
    private volatile boolean stillInUse;

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
                install(load(model));
            }
        } catch (Throwable e) {
            close();
            throw e;
        }
    }

    /**
     * A pipeline that runs and takes no jobs yet. Throws {@link ConfigException} with one line
     * where there is none, and {@link DeviceException} where the device is lost; nothing of it is
     * left then.
     */
    private ModelPipeline load(LoadedModel model) {
        Resources half = new Resources();
        try {
            ModelPipeline pipeline =
                    half.own(
                            new ModelPipeline(
                                    config,
                                    model,
                                    device,
                                    decodeBudget,
                                    preparedRows,
                                    meters.get(model.task()),
                                    guards,
                                    completed,
                                    duties));
            pipeline.start();
            return pipeline;
        } catch (Throwable e) {
            half.closeAfter(e);
            switch (e) {
                case DeviceException lost when lost.sticky() ->
                        throw new DeviceException(
                                "task '" + model.task() + "': " + e.getMessage(), true, e);
                case BundleException _, DeviceException _ ->
                        throw LoadedModel.mistake(model.settings(), e.getMessage());
                case OutOfMemoryError _ ->
                        throw LoadedModel.mistake(
                                model.settings(),
                                "there is not enough memory for it (%s); lower its maxBatch, device.lanes or preprocess.threads"
                                        .formatted(e.getMessage()));
                default -> throw e;
            }
        }
    }

    /** Makes a pipeline the one that takes jobs; returns the one that did. */
    private synchronized ModelPipeline install(ModelPipeline pipeline) {
        meters.get(pipeline.task()).taking().set(pipeline.ring());
        entrances.put(pipeline.task(), pipeline.entrance());
        return pipelines.put(pipeline.task(), pipeline);
    }

    /** The same, but for a worker that ends; then it is empty and the pipeline is the caller's. */
    private synchronized Optional<ModelPipeline> replaceBy(ModelPipeline pipeline) {
        if (draining) {
            return Optional.empty();
        }
        ModelPipeline old = install(pipeline);
        retiring.add(old);
        return Optional.of(old);
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

    /** What runs, a sentence for each task. */
    synchronized List<String> descriptions() {
        return pipelines.values().stream().map(ModelPipeline::description).toList();
    }

    /** What runs, as labels of a metric. */
    synchronized List<String[]> labels() {
        return pipelines.values().stream().map(ModelPipeline::labels).toList();
    }

    /** What runs, for the page of the status port. */
    synchronized List<ModelFacts> facts() {
        return pipelines.values().stream().map(ModelPipeline::facts).toList();
    }

    /** What runs, for callers. */
    synchronized List<ServedModel> served() {
        return pipelines.values().stream().map(ModelPipeline::served).toList();
    }

    synchronized String version(String task) {
        return pipelines.get(task).version();
    }

    /**
     * Puts a model in the place of the one that serves its task: loaded and warmed beside it, then
     * the new jobs go here, then the old one ends its own and is freed. Called by one thread at a
     * time. A load that ends when the worker does is thrown away.
     *
     * @return whether the model was taken
     */
    boolean replace(LoadedModel model) throws InterruptedException {
        if (draining) {
            return false;
        }
        long startNs = System.nanoTime();
        ModelPipeline loaded;
        try {
            loaded = load(model);
        } catch (Throwable e) {
            // What it took of the host's memory goes back to the system, too.
            NativeHeap.trim();
            throw e;
        }
        Optional<ModelPipeline> replaced = replaceBy(loaded);
        if (replaced.isEmpty()) {
            close(loaded);
            return false;
        }
        ModelPipeline old = replaced.get();
        old.ring().retire();
        if (isOursToClose(old)) {
            close(old);
        }
        NativeHeap.trim();
        LOG.info(
                "task '{}': version {} replaced version {}, after {} ms",
                model.task(),
                model.version(),
                old.version(),
                (System.nanoTime() - startNs) / 1_000_000);
        return true;
    }

    /** From now on no batch waits to be fuller, and no model is replaced. */
    synchronized void drain() {
        draining = true;
        running().forEach(ModelPipeline::drain);
    }

    /** Says whether nobody else closes a pipeline that was replaced. */
    private synchronized boolean isOursToClose(ModelPipeline old) {
        return retiring.remove(old);
    }

    /** What runs on is left to the end of the process, with all that it uses. */
    private void close(ModelPipeline pipeline) {
        try {
            pipeline.close();
        } catch (StillInUseException e) {
            stillInUse = true;
            LOG.warn("the model of task '{}' is not freed: {}", pipeline.task(), e.getMessage());
        }
    }

    /** Waits until every job that was published is delivered; says whether it is. */
    boolean awaitEmpty(Duration timeout) throws InterruptedException {
        Deadline deadline = Deadline.in(timeout);
        boolean empty = true;
        for (ModelPipeline pipeline : running()) {
            empty &= pipeline.awaitEmpty(deadline.left());
        }
        return empty;
    }

    private synchronized List<ModelPipeline> running() {
        List<ModelPipeline> running = new ArrayList<>(pipelines.values());
        running.addAll(retiring);
        return running;
    }

    private synchronized List<ModelPipeline> takeAll() {
        draining = true;
        List<ModelPipeline> all = running();
        retiring.clear();
        return all;
    }

    /** Frees the pipelines. A load that still goes on frees its own when it ends. */
    @Override
    public void close() {
        takeAll().reversed().forEach(this::close);
    }

    /** Whether a model that was closed is used by a thread that did not end. */
    boolean isStillInUse() {
        return stillInUse;
    }
}
