package dev.millrace.worker;

import com.lmax.disruptor.Sequence;
import dev.millrace.api.ModelSpec;
import dev.millrace.api.VisionModule;
import dev.millrace.bundle.Bundle;
import dev.millrace.config.WorkerConfig;
import dev.millrace.deliver.DeliverProcessor;
import dev.millrace.duty.Duties;
import dev.millrace.duty.Duty;
import dev.millrace.duty.DutyThread;
import dev.millrace.duty.OwnLimit;
import dev.millrace.gpu.Device;
import dev.millrace.gpu.Engine;
import dev.millrace.gpu.EngineSource;
import dev.millrace.gpu.TensorSpec;
import dev.millrace.gpu.cuda.CudaDevice;
import dev.millrace.infer.InferenceProcessor;
import dev.millrace.job.JobEntrance;
import dev.millrace.job.JobRing;
import dev.millrace.job.Message;
import dev.millrace.job.NativeGuard;
import dev.millrace.job.RingSize;
import dev.millrace.modules.Classifier;
import dev.millrace.observe.ModelMeters;
import dev.millrace.observe.live.ModelFacts;
import dev.millrace.preprocess.DecodeBudget;
import dev.millrace.preprocess.JobPreprocessor;
import dev.millrace.preprocess.PreparedRows;
import dev.millrace.preprocess.PreprocessProcessor;
import dev.millrace.preprocess.SlowImageEntrance;
import dev.millrace.resource.Deadline;
import dev.millrace.resource.Resources;
import dev.millrace.serve.ServedModel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The ring of one model with its three stages: preprocess threads, infer, deliver. Built and closed
 * by the worker; owns the engine, the rows, the stages and the threads.
 */
final class ModelPipeline implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ModelPipeline.class);

    private static final String PLAN = "TensorRT plan ";
    private static final String GRAPH = "ONNX graph";

    /** For the images and the batches in hand at the end. */
    private static final Duration LAST_WORK = Duration.ofSeconds(5);

    private final Resources resources = new Resources();
    private final String task;
    private final String model;
    private final String version;
    private final ModelSpec spec;
    private final String device;
    private final String loaded;
    private final JobRing ring;
    private final SlowImageEntrance entrance;
    private final List<PreprocessProcessor> preprocessors = new ArrayList<>();
    private final InferenceProcessor infer;
    private final DeliverProcessor deliver;
    private final ScoreWatch scores;
    private final Duties duties;
    private final Optional<OwnLimit> batchLimit;

    /** Those that were started. */
    private final List<DutyThread> threads = new ArrayList<>();

    ModelPipeline(
            WorkerConfig config,
            LoadedModel model,
            Device device,
            DecodeBudget decodeBudget,
            PreparedRows preparedRows,
            ModelMeters meters,
            Supplier<NativeGuard> guards,
            Consumer<Message> completed,
            Duties duties) {
        WorkerConfig.Model settings = model.settings();
        Bundle bundle = model.bundle();
        VisionModule module = model.module();
        this.duties = duties;
        this.task = settings.task();
        this.model = bundle.spec().name();
        this.version = model.version();
        this.spec = module.spec();
        this.device = device.description();
        this.scores = new ScoreWatch(task, module, device);
        this.batchLimit =
                config.device()
                        .batchLimit()
                        .on(device instanceof CudaDevice)
                        .map(limit -> batchLimit(limit));
        int threadCount = config.preprocess().threads();
        long spinNs = config.profile().spin(Runtime.getRuntime().availableProcessors()).toNanos();
        Supplier<JobPreprocessor> preprocessor =
                () -> new JobPreprocessor(module, decodeBudget, guards.get(), meters.preprocess());
        try {
            EngineSource source = Plans.source(device, model, config);
            this.loaded = source.plan().map(plan -> PLAN + plan.getFileName()).orElse(GRAPH);
            Engine engine = resources.own(device.load(source));
            this.ring =
                    resources.own(
                            ring(
                                    config,
                                    bundle,
                                    device,
                                    ringSize(bundle, model.maxBatch(), threadCount),
                                    threadCount + config.device().lanes() * model.maxBatch(),
                                    threadCount,
                                    model.maxBatch()));
            this.entrance =
                    resources.own(
                            new SlowImageEntrance(
                                    ring, preprocessor, threadCount, preparedRows, duties));
            Sequence claimed = new Sequence();
            for (int i = 0; i < threadCount; i++) {
                preprocessors.add(
                        resources.own(new PreprocessProcessor(ring, claimed, preprocessor.get())));
            }
            this.infer =
                    resources.own(
                            new InferenceProcessor(
                                    ring,
                                    preprocessors.stream()
                                            .map(PreprocessProcessor::sequence)
                                            .toList(),
                                    device,
                                    engine,
                                    config.device().lanes(),
                                    settings.linger().toNanos(),
                                    spinNs,
                                    meters.batches()));
            this.deliver =
                    new DeliverProcessor(
                            ring, infer.sequence(), scores, completed, meters.deliver(), spinNs);
            ring.gate(deliver.sequence());
            resources.own(() -> DutyThread.end(threads, LAST_WORK));
        } catch (Throwable e) {
            resources.closeAfter(e);
            throw e;
        }
    }

    /**
     * What is in the ring already is what a caller waits for, so the queue has no more in it than
     * it needs: of those that are not decoded one in each thread's hands and one that comes next.
     */
    private JobRing ring(
            WorkerConfig config,
            Bundle bundle,
            Device on,
            int size,
            int mostOfQueue,
            int threads,
            int batch) {
        return config.serve()
                .map(
                        serve ->
                                JobRing.shared(
                                        task,
                                        size,
                                        on,
                                        bundle.input(),
                                        bundle.outputs(),
                                        mostOfQueue,
                                        2 * threads,
                                        batch,
                                        serve.share()))
                .orElseGet(() -> new JobRing(task, size, on, bundle.input(), bundle.outputs()));
    }

    private int ringSize(Bundle bundle, int maxBatch, int threadCount) {
        long rowBytes =
                bundle.input().rowBytes()
                        + bundle.outputs().stream().mapToLong(TensorSpec::rowBytes).sum();
        RingSize size = RingSize.of(threadCount, maxBatch, rowBytes);
        size.reason().ifPresent(why -> LOG.info("task '{}': {}", task, why));
        return size.slots();
    }

    private OwnLimit batchLimit(Duration limit) {
        return new OwnLimit(
                limit,
                "the device has not finished a batch of task '%s' within %s s (device.batchTimeout)"
                        .formatted(task, limit.toSeconds()));
    }

    /** Runs the model once, so that the first image does not pay for it, then takes jobs. */
    void start() {
        infer.warmUp();
        scores.loaded(ring.get(0).outputs());
        for (int i = 0; i < preprocessors.size(); i++) {
            start("preprocess-" + task + "-" + i, preprocessors.get(i));
        }
        String name = "infer-" + task;
        start(
                batchLimit
                        .map(limit -> duties.thread(name, infer, limit))
                        .orElseGet(() -> duties.thread(name, infer)));
        start("deliver-" + task, deliver);
    }

    private void start(String name, Duty stage) {
        start(duties.thread(name, stage));
    }

    private void start(DutyThread thread) {
        threads.add(thread);
        thread.start();
    }

    /** What serves the task and how, as one sentence for a person. */
    String description() {
        return "task '%s' is served by model '%s', version %s, on %s, in batches of 1 to %d; its ring has %d rows in %s of pinned memory"
                .formatted(
                        task,
                        model,
                        version,
                        device,
                        infer.maxBatch(),
                        ring.size(),
                        size(ring.rows().bytes()));
    }

    private static String size(long bytes) {
        return bytes < 1 << 20 ? (bytes >> 10) + " KiB" : (bytes >> 20) + " MiB";
    }

    /** The same as names and values by turns. */
    String[] labels() {
        return new String[] {
            "task", task, "model", model, "version", version, "device", device,
        };
    }

    /** The same for the page of the status port. */
    ModelFacts facts() {
        return new ModelFacts(task, model, version, loaded, infer.maxBatch());
    }

    /** The same for callers. */
    ServedModel served() {
        boolean scored = spec.kind().equals("classifier") && Classifier.scoresAll(spec);
        return new ServedModel(
                task, model, version, spec.kind(), scored ? spec.labels() : List.of());
    }

    String version() {
        return version;
    }

    String task() {
        return task;
    }

    JobRing ring() {
        return ring;
    }

    /** Where its jobs enter. */
    JobEntrance entrance() {
        return entrance;
    }

    void drain() {
        infer.drain();
    }

    /** Waits until every job that was published is delivered; says whether it is. */
    boolean awaitEmpty(Duration timeout) throws InterruptedException {
        Deadline deadline = Deadline.in(timeout);
        while (deliver.sequence().get() < ring.cursor()) {
            boolean dead = threads.stream().anyMatch(thread -> !thread.isAlive());
            if (deadline.passed() || dead) {
                return false;
            }
            ring.await(
                    () -> deliver.sequence().get() >= ring.cursor(),
                    Math.min(deadline.leftNs(), 100_000_000L));
        }
        return true;
    }

    /**
     * Ends the threads and frees the rest. Throws {@link
     * dev.millrace.resource.StillInUseException}, and frees nothing more, where a thread runs on.
     */
    @Override
    public void close() {
        resources.close();
    }
}
