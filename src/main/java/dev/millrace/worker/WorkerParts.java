package dev.millrace.worker;

import dev.millrace.config.WorkerConfig;
import dev.millrace.deadletters.GivenBackLog;
import dev.millrace.deliver.CallbackClient;
import dev.millrace.deliver.CallbackSink;
import dev.millrace.deliver.MessageDeduplicator;
import dev.millrace.deliver.MessageLog;
import dev.millrace.deliver.WebhookSigner;
import dev.millrace.duty.Duties;
import dev.millrace.fetch.FetchLimits;
import dev.millrace.fetch.Fetcher;
import dev.millrace.gpu.Device;
import dev.millrace.gpu.Tracer;
import dev.millrace.gpu.cuda.CudaDevice;
import dev.millrace.gpu.cuda.Nvml;
import dev.millrace.job.Admission;
import dev.millrace.job.Counters;
import dev.millrace.job.Message;
import dev.millrace.job.Outcome;
import dev.millrace.job.StageClock;
import dev.millrace.job.Tracing;
import dev.millrace.nativelib.ResizeKernel;
import dev.millrace.net.GuardedHttp;
import dev.millrace.net.HostLimiter;
import dev.millrace.objects.ObjectStore;
import dev.millrace.observe.ChromeTrace;
import dev.millrace.observe.LoadEvents;
import dev.millrace.observe.Metrics;
import dev.millrace.observe.ModelMeters;
import dev.millrace.observe.Snapshot;
import dev.millrace.observe.SnapshotReader;
import dev.millrace.observe.StatusServer;
import dev.millrace.resource.Resources;
import dev.millrace.serve.CallServer;
import dev.millrace.source.Acknowledger;
import dev.millrace.source.ContentsReader;
import dev.millrace.source.SqsSource;
import dev.millrace.source.VisibilityKeeper;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;
import software.amazon.awssdk.services.sqs.SqsClient;

/**
 * The parts of a worker, connected into the path of a message: opened in the order of cost, so that
 * a mistake is answered soon, and closed in the other. {@link Worker} says when they start and end.
 */
final class WorkerParts implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Worker.class);

    /** In flight that a low rate never forbids. */
    private static final int ADMISSION_FLOOR = 32;

    final Counters counters = new Counters();
    final CrashGuard crashes;
    final Device device;
    final Optional<Nvml> gpu;
    final Optional<StatusServer> status;
    final ClientFactory.ReachedQueue queue;
    final CallbackClient callbacks;
    final Models models;
    final Reloader reloader;
    final SnapshotReader snapshots;
    final VisibilityKeeper keeper;
    final Acknowledger acknowledger;
    final Fetcher fetcher;
    final SqsSource source;
    final Optional<CallServer> calls;
    final Tracing tracing;
    final MessageLog lines;
    private final Arrivals arrivals;
    private final HostLimiter hosts;
    private final boolean hasHostCap;
    private final Resources resources = new Resources();

    /**
     * Throws {@link dev.millrace.config.ConfigException} with one line where a part cannot be
     * opened, and then leaves nothing open.
     *
     * @param inside what is there instead of the queue of the configuration
     * @param duties gives them their threads
     * @param health for those who ask
     * @param server makes the server of the port, where there is one, for the metrics
     */
    WorkerParts(
            WorkerConfig config,
            Optional<InProcess> inside,
            Duties duties,
            Health health,
            BiFunction<Integer, Metrics, StatusServer> server) {
        Admission admission =
                new Admission(
                        config.admission().messages(),
                        config.admission().bytes(),
                        ADMISSION_FLOOR,
                        config.queue().visibility().toMillis() / 1e3,
                        config.profile().patience(false).toNanos());
        MessageDeduplicator duplicates = new MessageDeduplicator();
        StageClock fetchClock = new StageClock();
        StageClock callbackClock = new StageClock();
        StageClock receiveClock = new StageClock();
        StageClock acknowledgeClock = new StageClock();
        try {
            this.crashes = resources.own(new CrashGuard(config, counters));
            this.lines = new MessageLog(config.log().sample());
            // Before the queue is asked, like the rest, and closed after all that it is told of.
            this.tracing = resources.own(ClientFactory.tracing(config.queue()));
            // Before the state directory is given up, after all that gives messages back.
            GivenBackLog givenBack = resources.own(new GivenBackLog(config.state().directory()));
            Optional<ChromeTrace> trace = config.trace().map(ChromeTrace::new);
            Tracer tracer = trace.<Tracer>map(resources::own).orElse(Tracer.NONE);
            List<LoadedModel> loaded = LoadedModel.all(config);
            int inFlight = config.admission().messages();
            GuardedHttp imageHttp =
                    resources.own(ClientFactory.images(config.fetch(), config.headers(), inFlight));
            ObjectStore objects = resources.own(ClientFactory.objects(config));
            GuardedHttp objectHttp =
                    ClientFactory.objectServer(config, inFlight)
                            .map(resources::own)
                            .orElse(imageHttp);
            GuardedHttp callbackHttp =
                    resources.own(
                            ClientFactory.callbacks(config.callback(), config.headers(), inFlight));
            // Before the queue is asked, like the rest of the configuration.
            WebhookSigner signer = ClientFactory.signer(config.callback());
            ContentsReader reader = UrlPolicies.contents(config);
            ResultSinks sinks =
                    resources.own(
                            new ResultSinks(
                                    config,
                                    new CallbackSink(callbackHttp, signer),
                                    signer,
                                    inside.map(InProcess::results),
                                    duties::fail));
            this.calls =
                    config.serve()
                            .map(
                                    serve ->
                                            resources.own(
                                                    CallersDoor.open(
                                                            serve, config, this, admission, health,
                                                            duties)));
            this.hosts = ClientFactory.hosts(config.fetch(), admission);
            this.hasHostCap = config.fetch().limits().perHost() != FetchLimits.NO_CAP;
            this.device = resources.own(Devices.open(config, tracer));
            LOG.info("device: {}", device.description());
            Metrics metrics = resources.own(new Metrics(counters, admission));
            metrics.crashes(
                    crashes.suspects(),
                    crashes.caution(),
                    config.state().restarts(),
                    crashes.previousFault());
            calls.ifPresent(metrics::callers);
            admission.bound().atMost(crashes.caution()::inFlight);
            this.gpu = device instanceof CudaDevice cuda ? Nvml.open(cuda) : Optional.empty();
            gpu.ifPresent(metrics::gpu);
            this.status = config.httpPort().map(port -> resources.own(server.apply(port, metrics)));
            this.queue = ClientFactory.queue(config, inside);
            SqsClient sqs = resources.own(queue.client());
            // What depends on the queue, from here on.
            WorkerConfig fitting = queue.fit().config();
            crashes.adapt(fitting);
            admission.bound().leases(fitting.queue().visibility().toMillis() / 1e3);
            this.callbacks =
                    new CallbackClient(
                            sinks,
                            config.callback().attempts(),
                            fitting.fetch().maxReceives(),
                            fitting.queue().deadline(),
                            config.admission().messages() * 7 / 8,
                            duplicates,
                            counters,
                            callbackClock);
            callbacks.logTo(lines);
            admission.pauseWhile(callbacks::isDown);
            admission.bound().besides(callbacks::held);
            this.models =
                    resources.own(
                            new Models(
                                    config,
                                    loaded,
                                    device,
                                    tracer,
                                    crashes::guard,
                                    this::completed,
                                    duties));
            // Where no library loads at all, the models have said so.
            ResizeKernel kernel = ResizeKernel.get();
            LOG.atLevel(kernel.library().isPresent() ? Level.INFO : Level.WARN)
                    .log(kernel.sentence());
            metrics.stages(fetchClock, callbackClock, acknowledgeClock);
            metrics.models(models::labels);
            List<ModelMeters> meters = models.meters();
            meters.forEach(metrics::model);
            this.reloader =
                    resources.own(
                            new Reloader(
                                    models,
                                    loaded,
                                    config.cache(),
                                    config.reload(),
                                    crashes.quarantine()::renew,
                                    duties));
            this.keeper =
                    resources.own(new VisibilityKeeper(sqs, fitting.queue(), counters, duties));
            callbacks.lostWhen(keeper::isOver);
            metrics.progress(callbacks, models.decodeBudget(), keeper, duties);
            this.acknowledger =
                    resources.own(
                            new Acknowledger(
                                    sqs,
                                    fitting.queue(),
                                    config.admission().messages(),
                                    keeper,
                                    admission,
                                    counters,
                                    acknowledgeClock,
                                    duties));
            this.fetcher =
                    new Fetcher(
                            config.fetch().limits(),
                            imageHttp,
                            hosts,
                            objects,
                            objectHttp,
                            models.entrances(),
                            admission,
                            fitting.fetch().maxReceives(),
                            crashes.quarantine(),
                            this::completed,
                            counters,
                            fetchClock);
            this.arrivals =
                    new Arrivals(
                            duplicates,
                            crashes.quarantine(),
                            callbacks,
                            fetcher,
                            acknowledger,
                            counters);
            // A download may take long, and needs room for others while it does.
            admission
                    .bound()
                    .follow(
                            () -> meters.stream().mapToInt(model -> model.ring().size()).sum(),
                            receiveClock::busyNs,
                            fetcher::callsNs,
                            callbackClock::busyNs,
                            acknowledgeClock::busyNs);
            this.source =
                    new SqsSource(
                            sqs,
                            fitting.queue(),
                            reader,
                            () -> config.profile().patience(models.crowded()).toNanos(),
                            admission,
                            keeper,
                            tracing.before(givenBack.before(arrivals)),
                            tracing,
                            counters,
                            receiveClock,
                            duties);
            this.snapshots =
                    new SnapshotReader(
                            meters,
                            fetchClock,
                            callbackClock,
                            acknowledgeClock,
                            counters,
                            admission,
                            this::waits);
            resources.own(new LoadEvents(snapshots::snapshot));
        } catch (Throwable e) {
            resources.closeAfter(e);
            throw e;
        }
    }

    private Snapshot.Waits waits() {
        return new Snapshot.Waits(
                hosts.waiting(), acknowledger.waiting(), source.isLimit(), hasHostCap);
    }

    /** Begins to take messages; heartbeats and outcomes first. */
    void start() {
        keeper.start();
        acknowledger.start();
        source.start(arrivals::accept);
    }

    /** Takes over a message whose tasks all have a result. */
    private void completed(Message message) {
        if (message.hasCaller()) {
            // Who waits for it writes it.
            message.settle(new Outcome.Delivered());
        } else {
            callbacks.accept(message);
        }
    }

    @Override
    public void close() {
        resources.close();
    }
}
