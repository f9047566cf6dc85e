package dev.millrace.config;

import dev.millrace.bundle.plan.OnMissing;
import dev.millrace.bundle.plan.Precision;
import dev.millrace.fetch.FetchLimits;
import dev.millrace.gpu.host.SimulatedCost;
import dev.millrace.objects.StoreSettings;
import dev.millrace.serve.ServeSettings;
import dev.millrace.source.QueueSettings;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Everything that {@code worker --config} can be told; {@code docs/configuration.md} explains each
 * key. Constructors throw {@link ConfigException} with one line for what cannot work.
 *
 * @param profile whether images wait for fuller batches
 * @param statusAccess who reaches the port of metrics and health
 * @param cache where prepared models are kept
 * @param reload how often the models' folders are looked at for changes; zero for never
 * @param watchdog how long one step of a stage may take before the worker gives its messages back
 *     and ends; zero for as long as it likes
 * @param serve how callers are served who wait for their answers, where there are any
 * @param log which messages have a line
 * @param trace where a timeline is written, if one is wanted
 */
public record WorkerConfig(
        WorkerProfile profile,
        QueueSettings queue,
        SourceDefaults source,
        Fetch fetch,
        Callback callback,
        DeviceChoice device,
        EngineChoice engine,
        List<Model> models,
        Preprocess preprocess,
        AdmissionBounds admission,
        State state,
        SuspectTrials quarantine,
        DrainTriggers drain,
        CallHeaders headers,
        Results results,
        Optional<ServeSettings> serve,
        MessageLines log,
        Optional<Integer> httpPort,
        StatusAccess statusAccess,
        Path cache,
        Duration reload,
        Duration watchdog,
        Optional<Path> trace) {

    /** Of the heap for downloads; the rest is the worker's own. */
    private static final double MAX_HEAP_SHARE = 0.75;

    private static final Duration MIN_WATCHDOG = Duration.ofSeconds(1);

    /** Everything else as it is by default, without metrics. */
    public static WorkerConfig of(QueueSettings queue, List<Model> models) {
        return new ConfigDraft(queue, models).config();
    }

    /** The same but for what {@code changes} sets. */
    public WorkerConfig with(Consumer<ConfigDraft> changes) {
        ConfigDraft draft = new ConfigDraft(this);
        changes.accept(draft);
        return draft.config();
    }

    public WorkerConfig {
        try {
            queue.requireStandard();
        } catch (IllegalArgumentException e) {
            throw new ConfigException(e.getMessage());
        }
        models = List.copyOf(models);
        if (models.isEmpty()) {
            throw new ConfigException(
                    "models: missing; list at least one, such as {task: safety, bundle: engines/safety}");
        }
        Set<String> tasks = new HashSet<>();
        for (Model model : models) {
            if (!tasks.add(model.task())) {
                throw new ConfigException(
                        "models: the task '%s' is listed twice; give each model a task of its own"
                                .formatted(model.task()));
            }
        }
        source.requireServed(tasks);
        if (watchdog.isPositive() && watchdog.compareTo(MIN_WATCHDOG) < 0) {
            throw new ConfigException(
                    ("watchdog: %sms is too short, since a busy machine can delay a thread"
                                    + " that long; use 1s or more, or 0s for no watchdog")
                            .formatted(watchdog.toMillis()));
        }
        if (drain.preStop() && httpPort.isEmpty()) {
            throw new ConfigException(
                    "drain.preStop: true needs a port for its request; set http.port");
        }
        long heap = Runtime.getRuntime().maxMemory();
        if (admission.bytes() > MAX_HEAP_SHARE * heap) {
            throw new ConfigException(
                    ("admission.bytes: %s is more than the heap of %s bytes can hold;"
                                    + " lower it, or start with a larger heap, such as JAVA_OPTS=-Xmx1g")
                            .formatted(admission.bytes(), heap));
        }
        if (admission.bytes() < fetch.limits().maxBytes()) {
            throw new ConfigException(
                    ("admission.bytes: %s is less than fetch.maxBytes (%s), so a large image could"
                                    + " never be admitted; raise it")
                            .formatted(admission.bytes(), fetch.limits().maxBytes()));
        }
        long bytes = admission.bytes();
        serve.ifPresent(one -> requireRoomForOneBody(one, bytes));
    }

    /** A larger body would be answered 429 for ever. */
    private static void requireRoomForOneBody(ServeSettings serve, long admissionBytes) {
        long callers = (long) (serve.share() * admissionBytes);
        if (callers < serve.maxBody()) {
            throw new ConfigException(
                    ("serve.share: callers may have %s bytes (%s of admission.bytes, %s), less than one"
                                    + " body of serve.maxBody (%s); raise serve.share or admission.bytes,"
                                    + " or lower serve.maxBody")
                            .formatted(callers, serve.share(), admissionBytes, serve.maxBody()));
        }
    }

    /**
     * @param ownHosts that {@code limits.perHost} does not hold for
     * @param allowAddresses CIDRs of otherwise forbidden addresses that image URLs may lead to
     * @param maxReceives receives after which a failure is reported instead of tried again
     * @param s3 which objects may be read, and where
     */
    public record Fetch(
            FetchLimits limits,
            List<String> ownHosts,
            List<String> allowAddresses,
            int maxReceives,
            StoreSettings s3) {
        public static final Fetch DEFAULT =
                new Fetch(FetchLimits.DEFAULTS, List.of(), List.of(), 5);

        /** Reads no objects. */
        public Fetch(
                FetchLimits limits,
                List<String> ownHosts,
                List<String> allowAddresses,
                int maxReceives) {
            this(limits, ownHosts, allowAddresses, maxReceives, StoreSettings.NONE);
        }

        public Fetch {
            ownHosts = List.copyOf(ownHosts);
            allowAddresses = List.copyOf(allowAddresses);
            if (!ownHosts.isEmpty() && limits.perHost() == FetchLimits.NO_CAP) {
                throw new ConfigException(
                        "fetch.ownHosts: these hosts are exempt from fetch.perHost, but"
                                + " fetch.perHost is not set; set it, or remove fetch.ownHosts");
            }
        }
    }

    /**
     * @param simulate instead of computing, take this long
     * @param lanes batches in flight per model
     * @param index of the GPU, as the driver counts
     */
    public record DeviceChoice(
            Type type,
            Optional<SimulatedCost> simulate,
            int lanes,
            int index,
            BatchLimit batchLimit) {
        public static final DeviceChoice DEFAULT =
                new DeviceChoice(
                        Type.AUTO,
                        Optional.empty(),
                        WorkerProfile.THROUGHPUT.lanes(),
                        0,
                        BatchLimit.DEFAULT);

        /** This type, with a simulated cost where there is one; the rest by default. */
        public static DeviceChoice of(Type type, Optional<SimulatedCost> simulate) {
            return new DeviceChoice(
                    type, simulate, DEFAULT.lanes(), DEFAULT.index(), DEFAULT.batchLimit());
        }

        public DeviceChoice withLanes(int lanes) {
            return new DeviceChoice(type, simulate, lanes, index, batchLimit);
        }

        public DeviceChoice withIndex(int index) {
            return new DeviceChoice(type, simulate, lanes, index, batchLimit);
        }

        /** Which device computes. */
        public enum Type {
            AUTO,
            HOST,
            CUDA
        }
    }

    /**
     * Which plans a GPU runs; the host needs none.
     *
     * @param onMissing what to do where no plan fits
     * @param workspaceBytes of device memory that a kernel may use as scratch
     * @param buildLimit after which a build is ended
     */
    public record EngineChoice(
            OnMissing onMissing, long workspaceBytes, Precision precision, Duration buildLimit) {
        public static final EngineChoice DEFAULT =
                new EngineChoice(OnMissing.BUILD, 1L << 30, Precision.FP16, Duration.ofMinutes(20));

        public EngineChoice {
            if (!buildLimit.isPositive()) {
                throw new ConfigException("engine.buildTimeout: must be more than 0s, such as 20m");
            }
        }
    }

    /**
     * @param task as messages name it
     * @param bundle folder with {@code model.onnx} and {@code model.yaml}
     * @param maxBatch rows per batch at most; the bundle says where it is left out, else {@link
     *     #DEFAULT_MAX_BATCH}
     * @param linger how long the oldest job waits for a fuller batch while the device is busy
     */
    public record Model(String task, Path bundle, Optional<Integer> maxBatch, Duration linger) {
        public static final int DEFAULT_MAX_BATCH = 8;

        /** With the bundle's batches. */
        public static Model of(String task, Path bundle) {
            return of(task, bundle, WorkerProfile.THROUGHPUT);
        }

        /** With the bundle's batches and the profile's linger. */
        public static Model of(String task, Path bundle, WorkerProfile profile) {
            return new Model(task, bundle, Optional.empty(), profile.linger());
        }
    }

    /**
     * @param threads per model
     * @param decodeBytes of native memory that the images being decoded take at most, all models'
     *     together
     */
    public record Preprocess(int threads, long decodeBytes) {
        /** The largest image that is allowed takes less than the bytes. */
        public static final Preprocess DEFAULT =
                new Preprocess(Runtime.getRuntime().availableProcessors(), 1L << 30);
    }

    /**
     * What outlives the process.
     *
     * @param directory where it is kept; nothing is where there is none
     * @param restarts of the worker by whoever supervises it, so far
     */
    public record State(Optional<Path> directory, int restarts) {
        public static final State NONE = new State(Optional.empty(), 0);
    }

    /**
     * What begins a drain beside signals.
     *
     * @param metadata where notices of EC2 are asked for, if they are
     * @param preStop whether a request at {@code http.port} does
     */
    public record DrainTriggers(Optional<URI> metadata, boolean preStop) {
        /** Of EC2, the same on each machine. */
        static final URI EC2 = URI.create("http://169.254.169.254");

        public static final DrainTriggers DEFAULT = new DrainTriggers(Optional.of(EC2), false);

        /** For those who run on no such machine, and would only wait for it. */
        public static final DrainTriggers ON_SIGNALS = new DrainTriggers(Optional.empty(), false);
    }

    /**
     * @param messages in flight at most; the worker admits fewer while more are of no use
     * @param bytes of downloads in flight at most
     */
    public record AdmissionBounds(int messages, long bytes) {
        private static final long MAX_BYTES = 256L << 20;

        /** A thread, a connection and their buffers, on the heap; with TLS. */
        private static final long BYTES_PER_MESSAGE = 64 << 10;

        private static final int MAX_MESSAGES = 16_384;

        /** The heap holds downloads twice in the worst case, each in blocks of its own. */
        public static final AdmissionBounds DEFAULT = of(Runtime.getRuntime().maxMemory());

        static AdmissionBounds of(long heap) {
            return new AdmissionBounds(
                    Math.clamp(heap / 4 / BYTES_PER_MESSAGE, 256, MAX_MESSAGES),
                    Math.min(MAX_BYTES, heap / 3));
        }
    }
}
