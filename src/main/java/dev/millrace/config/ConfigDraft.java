package dev.millrace.config;

import dev.millrace.bundle.BundleCache;
import dev.millrace.serve.ServeSettings;
import dev.millrace.source.QueueSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * A {@link WorkerConfig} while it is put together by one thread: each value is set by its name and
 * has its default until then. Nothing is checked before all are set.
 */
public final class ConfigDraft {
    public WorkerProfile profile = WorkerProfile.THROUGHPUT;
    public QueueSettings queue;
    public SourceDefaults source = SourceDefaults.NONE;
    public WorkerConfig.Fetch fetch = WorkerConfig.Fetch.DEFAULT;
    public Callback callback = Callback.DEFAULT;
    public WorkerConfig.DeviceChoice device = WorkerConfig.DeviceChoice.DEFAULT;
    public WorkerConfig.EngineChoice engine = WorkerConfig.EngineChoice.DEFAULT;
    public List<WorkerConfig.Model> models;
    public WorkerConfig.Preprocess preprocess = WorkerConfig.Preprocess.DEFAULT;
    public WorkerConfig.AdmissionBounds admission = WorkerConfig.AdmissionBounds.DEFAULT;
    public WorkerConfig.State state = WorkerConfig.State.NONE;
    public SuspectTrials quarantine = SuspectTrials.DEFAULT;
    public WorkerConfig.DrainTriggers drain = WorkerConfig.DrainTriggers.DEFAULT;
    public CallHeaders headers = CallHeaders.DEFAULT;
    public Results results = Results.NONE;
    public Optional<ServeSettings> serve = Optional.empty();
    public MessageLines log = MessageLines.DEFAULT;
    public Optional<Integer> httpPort = Optional.empty();
    public StatusAccess statusAccess = StatusAccess.DEFAULT;
    public Path cache = BundleCache.defaultDirectory();
    public Duration reload = Duration.ofSeconds(10);

    /** Far beyond any decode and any batch. */
    public Duration watchdog = Duration.ofSeconds(60);

    public Optional<Path> trace = Optional.empty();

    ConfigDraft(QueueSettings queue, List<WorkerConfig.Model> models) {
        this.queue = queue;
        this.models = models;
    }

    ConfigDraft(WorkerConfig from) {
        profile = from.profile();
        queue = from.queue();
        source = from.source();
        fetch = from.fetch();
        callback = from.callback();
        device = from.device();
        engine = from.engine();
        models = from.models();
        preprocess = from.preprocess();
        admission = from.admission();
        state = from.state();
        quarantine = from.quarantine();
        drain = from.drain();
        headers = from.headers();
        results = from.results();
        serve = from.serve();
        log = from.log();
        httpPort = from.httpPort();
        statusAccess = from.statusAccess();
        cache = from.cache();
        reload = from.reload();
        watchdog = from.watchdog();
        trace = from.trace();
    }

    /** Throws {@link ConfigException} with one line for what cannot work. */
    WorkerConfig config() {
        return new WorkerConfig(
                profile,
                queue,
                source,
                fetch,
                callback,
                device,
                engine,
                models,
                preprocess,
                admission,
                state,
                quarantine,
                drain,
                headers,
                results,
                serve,
                log,
                httpPort,
                statusAccess,
                cache,
                reload,
                watchdog,
                trace);
    }
}
