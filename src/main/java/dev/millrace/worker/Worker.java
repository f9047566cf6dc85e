package dev.millrace.worker;

import dev.millrace.config.ConfigException;
import dev.millrace.config.WorkerConfig;
import dev.millrace.deliver.CallbackClient;
import dev.millrace.deliver.MessageDeduplicator;
import dev.millrace.duty.Duties;
import dev.millrace.duty.Watchdog;
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
import dev.millrace.net.GuardedHttp;
import dev.millrace.observe.ChromeTrace;
import dev.millrace.observe.Load;
import dev.millrace.observe.LoadEvents;
import dev.millrace.observe.Metrics;
import dev.millrace.observe.Snapshot;
import dev.millrace.observe.SnapshotReader;
import dev.millrace.observe.StatusServer;
import dev.millrace.resource.Resources;
import dev.millrace.source.Acknowledger;
import dev.millrace.source.SqsSource;
import dev.millrace.source.VisibilityKeeper;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.services.sqs.SqsClient;

/**
 * A running worker: the parts, how they are connected, and the order in which they start and end.
 * One per process is usual; several are fine.
 */
public final class Worker implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Worker.class);

    /** In flight that a low rate never forbids. */
    private static final int ADMISSION_FLOOR = 32;

    private final WorkerConfig config;
    private final Resources resources = new Resources();
    private final Counters counters = new Counters();
    private final MessageDeduplicator duplicates = new MessageDeduplicator();
    private final CompletableFuture<Throwable> fault = new CompletableFuture<>();
    private final Duties duties = new Duties(this::fault);
    private final Admission admission;
    private final SnapshotReader observer;
    private final Optional<StatusServer> status;
    private final CrashGuard crashes;
    private final Tracer tracer;
    private final Device device;
    private final Models models;
    private final Reloader reloader;
    private final CallbackClient callbacks;
    private final Fetcher fetcher;
    private final VisibilityKeeper keeper;
    private final Acknowledger acknowledger;
    private final SqsSource source;
    private final Drain drain;
    private final DrainRequests drains = resources.own(new DrainRequests());
    private volatile boolean ready;
    private boolean mayBegin = true;

    /** Opens in the order of cost, so that a mistake is answered soon. */
    private Worker(WorkerConfig config) {
        this.config = config;
        this.admission =
                new Admission(
                        config.admission().messages(),
                        config.admission().bytes(),
                        ADMISSION_FLOOR,
                        config.queue().visibility().toMillis() / 1e3,
                        config.profile().patience(false).toNanos());
        StageClock fetchClock = new StageClock();
        StageClock callbackClock = new StageClock();
        try {
            this.crashes = resources.own(new CrashGuard(config, counters));
            this.tracer = config.trace().map(this::trace).orElse(Tracer.NONE);
            List<LoadedModel> loaded =
                    config.models().stream()
                            .map(model -> LoadedModel.load(model, config.cache()))
                            .toList();
            GuardedHttp imageHttp = resources.own(ClientFactory.images(config.fetch()));
            GuardedHttp callbackHttp = resources.own(ClientFactory.callbacks(config.callback()));
            this.device =
                    resources.own(
                            Devices.open(
                                    config.device(),
                                    config.profile(),
                                    config.models().size(),
                                    tracer));
            LOG.info("device: {}", device.description());
            Metrics metrics = resources.own(new Metrics(counters, admission));
            metrics.crashes(crashes.suspects(), config.state().restarts());
            gpuMetrics(metrics);
            this.status = config.httpPort().map(port -> statusServer(port, metrics));
            SqsClient sqs = resources.own(ClientFactory.queue(config.queue()));
            this.callbacks =
                    new CallbackClient(
                            callbackHttp,
                            ClientFactory.signer(config.callback()),
                            config.callback().attempts(),
                            config.fetch().maxReceives(),
                            config.queue().deadline(),
                            config.admission().messages() * 7 / 8,
                            duplicates,
                            counters,
                            callbackClock);
            admission.pauseWhile(callbacks::isDown);
            admission.besides(callbacks::held);
            metrics.callbacks(callbacks);
            this.models =
                    resources.own(
                            new Models(
                                    config,
                                    loaded,
                                    device,
                                    tracer,
                                    crashes::guard,
                                    callbacks::accept,
                                    duties));
            metrics.decoding(models.decodeBudget());
            models.meters().forEach(metrics::model);
            this.reloader =
                    resources.own(
                            new Reloader(
                                    models,
                                    loaded,
                                    config.cache(),
                                    config.reload(),
                                    crashes.quarantine()::renew,
                                    duties));
            this.observer =
                    new SnapshotReader(
                            models.meters(), fetchClock, callbackClock, counters, admission);
            resources.own(new LoadEvents(observer::snapshot));
            this.keeper =
                    resources.own(new VisibilityKeeper(sqs, config.queue(), counters, duties));
            metrics.progress(duties, keeper);
            this.acknowledger =
                    resources.own(
                            new Acknowledger(
                                    sqs,
                                    config.queue(),
                                    config.admission().messages(),
                                    keeper,
                                    admission,
                                    counters,
                                    duties));
            this.fetcher =
                    new Fetcher(
                            config.fetch().limits(),
                            imageHttp,
                            models.entrances(),
                            admission,
                            config.fetch().maxReceives(),
                            crashes.quarantine(),
                            callbacks::accept,
                            counters,
                            fetchClock);
            this.source =
                    new SqsSource(
                            sqs,
                            config.queue(),
                            callbackHttp.policy(),
                            () -> config.profile().patience(models.crowded()).toNanos(),
                            admission,
                            keeper,
                            this::settled,
                            counters,
                            duties);
            this.drain =
                    new Drain(
                            config.queue().waitTime(),
                            reloader,
                            source,
                            fetcher,
                            models,
                            callbacks,
                            keeper,
                            acknowledger,
                            counters);
        } catch (Throwable e) {
            resources.closeAfter(e);
            throw e;
        }
    }

    /**
     * Starts a worker and returns when it polls. Throws {@link ConfigException} with one line when
     * it cannot, and then leaves nothing open.
     */
    public static Worker start(WorkerConfig config) {
        Worker worker = load(config);
        worker.begin();
        return worker;
    }

    /**
     * Makes a worker that has opened everything and loaded its models, and asks the queue for
     * nothing before {@link #begin}. Throws as {@link #start} does.
     */
    public static Worker load(WorkerConfig config) {
        return new Worker(config);
    }

    /** Begins to poll, once and not after its end; a worker that cannot is closed. */
    public void begin() {
        try {
            poll();
        } catch (Throwable e) {
            close();
            throw e;
        }
    }

    private synchronized void poll() {
        if (!mayBegin) {
            throw new IllegalStateException("a worker begins once, and not after its end");
        }
        mayBegin = false;
        keeper.start();
        acknowledger.start();
        source.start(this::accept);
        if (config.reload().isPositive()) {
            reloader.start();
        }
        drains.watch(config.drain(), duties);
        if (config.watchdog().isPositive()) {
            resources.own(new Watchdog(duties, config.watchdog(), this::fault)).start();
        }
        ready = true;
        crashes.ready();
        LOG.info("ready: {} on {}", models.description(), config.queue().url());
    }

    /** The end may come amid the beginning, and waits for it; it does not come back. */
    private synchronized void end() {
        mayBegin = false;
        ready = false;
    }

    private Tracer trace(Path file) {
        return resources.own(new ChromeTrace(file));
    }

    private void accept(Message message) {
        if (duplicates.begin(message)) {
            work(message);
        }
    }

    private void settled(Message message, Outcome outcome) {
        crashes.quarantine().settled(message, outcome);
        acknowledger.settled(message, outcome);
        duplicates.settled(message).ifPresent(this::work);
    }

    private void work(Message message) {
        if (!callbacks.repeat(message)) {
            fetcher.accept(message);
        }
    }

    private void gpuMetrics(Metrics metrics) {
        if (device instanceof CudaDevice cuda) {
            Nvml.open(cuda.pciBusId()).ifPresent(metrics::gpu);
        }
    }

    private StatusServer statusServer(int port, Metrics metrics) {
        StatusServer server =
                resources.own(
                        new StatusServer(
                                port,
                                metrics::scrape,
                                () -> !fault.isDone(),
                                this::isReady,
                                duties));
        if (config.drain().preStop()) {
            server.drainBy(() -> drains.request("a request at /drain"));
        }
        return server;
    }

    private boolean isReady() {
        return ready && !drains.first().isDone() && !fault.isDone();
    }

    /**
     * Completes with the reason when the worker's surroundings want it to end; the process should
     * then drain and exit with 0.
     */
    public CompletableFuture<String> drainRequest() {
        return drains.first();
    }

    private void fault(Throwable why) {
        if (fault.complete(why)) {
            LOG.error("the worker cannot go on: {}", why.toString(), why);
        }
    }

    /**
     * Completes when the device is lost, or a thread has ended or stands still. What is in flight
     * may never end then: the process should {@link #giveBack} and exit non-zero.
     */
    public CompletableFuture<Throwable> fault() {
        return fault;
    }

    public Device device() {
        return device;
    }

    /** The port of metrics and health, where there is one. */
    public Optional<Integer> httpPort() {
        return status.map(StatusServer::port);
    }

    public Counters counters() {
        return counters;
    }

    /** The totals now. */
    public Snapshot snapshot() {
        return observer.snapshot();
    }

    /** What happened since {@code from}. */
    public Load loadSince(Snapshot from) {
        return Load.between(from, snapshot());
    }

    /**
     * Ends the flow in its own direction and loses nothing: no more polls, downloads end or are
     * given back, the rings empty, callbacks end, the rest becomes visible in the queue again.
     * Heartbeats run until the last message left.
     *
     * @param timeout after which what is not finished is given back
     */
    public void drain(Duration timeout) throws InterruptedException {
        end();
        drain.run(timeout);
        drains.ended();
    }

    /**
     * Makes everything visible in the queue again without waiting for anything, also while a drain
     * runs. Only the end of the process may follow.
     *
     * @return whether the queue has taken it all by {@code timeout}
     */
    public boolean giveBack(Duration timeout) throws InterruptedException {
        end();
        return drain.giveBack(timeout);
    }

    /**
     * Whether native code goes on after {@link #close}, since it did not end in time. The process
     * should then halt: its exit would free under it what that code uses.
     */
    public boolean isStillRunning() {
        return reloader.isRunning() || models.isStillInUse();
    }

    /**
     * Frees everything; drains first if nobody did, giving back at once what is in flight. An
     * interrupt does not shorten it, or messages would stay hidden; it is kept for the caller.
     */
    @Override
    public void close() {
        boolean interrupted = Thread.interrupted();
        for (boolean drained = false; !drained; ) {
            try {
                drain(Duration.ZERO);
                drained = true;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        synchronized (resources) {
            resources.close();
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
