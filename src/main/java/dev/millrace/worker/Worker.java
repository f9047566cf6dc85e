package dev.millrace.worker;

import dev.millrace.config.ConfigException;
import dev.millrace.config.WorkerConfig;
import dev.millrace.duty.Duties;
import dev.millrace.duty.DutyThread;
import dev.millrace.duty.Watchdog;
import dev.millrace.gpu.Device;
import dev.millrace.job.Counters;
import dev.millrace.job.LimitedLog;
import dev.millrace.observe.FaultReason;
import dev.millrace.observe.Load;
import dev.millrace.observe.Metrics;
import dev.millrace.observe.Snapshot;
import dev.millrace.observe.StatusServer;
import dev.millrace.observe.live.Life;
import dev.millrace.observe.live.LivePage;
import dev.millrace.resource.Resources;
import dev.millrace.serve.CallServer;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A running worker: when its {@link WorkerParts} start and end, and what it says of itself. One per
 * process is usual; several are fine.
 */
public final class Worker implements AutoCloseable {
    /** Leaves a margin before the 30 s after which most platforms kill. */
    public static final Duration DRAIN_LIMIT = Duration.ofSeconds(15);

    private static final Logger LOG = LoggerFactory.getLogger(Worker.class);

    private final WorkerConfig config;
    private final Resources resources = new Resources();
    private final CompletableFuture<Throwable> fault = new CompletableFuture<>();
    private final Duties duties = new Duties(this::fault);
    private final DrainRequests drains = resources.own(new DrainRequests());
    private final WorkerParts parts;
    private final Drain drain;
    private Optional<LivePage> page = Optional.empty();
    private volatile boolean ready;
    private volatile boolean ended;
    private boolean mayBegin = true;

    private Worker(WorkerConfig config, Optional<InProcess> inside) {
        this.config = config;
        this.parts =
                resources.own(
                        new WorkerParts(config, inside, duties, health(), this::statusServer));
        this.drain = new Drain(config.queue().waitTime(), parts);
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
        return new Worker(config, Optional.empty());
    }

    /** Makes a worker as {@link #load} does, with a queue in its own process. */
    public static Worker load(WorkerConfig config, InProcess inside) {
        return new Worker(config, Optional.of(inside));
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
        parts.start();
        fault.thenAccept(why -> parts.crashes.faulted(FaultReason.of(why)));
        if (config.reload().isPositive()) {
            parts.reloader.start();
        }
        drains.watch(config.drain(), duties);
        // Also where it allows anything: threads may have limits of their own.
        Duration limit = config.watchdog().isPositive() ? config.watchdog() : DutyThread.UNWATCHED;
        resources.own(new Watchdog(duties, limit, this::fault)).start();
        ready = true;
        parts.crashes.ready();
        page.ifPresent(live -> live.show(LiveView.of(parts)));
        QueueFit fit = parts.queue.fit();
        StartReport.lines(
                        fit.config(),
                        httpPort(),
                        servePort(),
                        parts.queue.said(),
                        parts.models.descriptions())
                .forEach(LOG::info);
        fit.misfits().forEach(LOG::warn);
    }

    /** The end may come amid the beginning, and waits for it; it does not come back. */
    private synchronized void end() {
        mayBegin = false;
        ended = true;
        ready = false;
    }

    private StatusServer statusServer(int port, Metrics metrics) {
        Health health = health();
        metrics.health(
                health.ready(), () -> Optional.ofNullable(fault.getNow(null)).map(FaultReason::of));
        StatusServer server =
                new StatusServer(
                        port,
                        config.statusAccess(),
                        metrics::scrape,
                        health.live(),
                        health.ready(),
                        duties);
        metrics.serveBy(server);
        page = Optional.of(new LivePage(server, this::life));
        if (config.drain().preStop()) {
            server.drainBy(() -> drains.request("a request at /drain"));
        }
        return server;
    }

    private Life life() {
        Throwable why = fault.getNow(null);
        if (why != null) {
            return new Life.Faulted(FaultReason.of(why), LimitedLog.reason(FaultReason.said(why)));
        }
        return isReady()
                ? new Life.Ready()
                : drains.first().isDone() || ended ? new Life.Draining() : new Life.Starting();
    }

    private Health health() {
        return new Health(() -> !fault.isDone(), this::isReady);
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
        if (!fault.complete(why)) {
            return;
        }
        if (FaultReason.of(why) == FaultReason.THREAD_FAILED) {
            LOG.error("the worker cannot go on: {}", why.toString(), why);
        } else {
            String said = FaultReason.said(why).getMessage();
            LOG.error("the worker cannot go on and gives its messages back: {}", said);
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
        return parts.device;
    }

    /** The port of metrics and health, where there is one. */
    public Optional<Integer> httpPort() {
        return parts.status.map(StatusServer::port);
    }

    /** The port for callers who wait for their answers, where there is one. */
    public Optional<Integer> servePort() {
        return parts.calls.map(CallServer::port);
    }

    public Counters counters() {
        return parts.counters;
    }

    /** The totals now. */
    public Snapshot snapshot() {
        return parts.snapshots.snapshot();
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
        if (!fault.isDone()) {
            parts.crashes.endedWell();
        }
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
        boolean taken = drain.giveBack(timeout);
        if (taken && !fault.isDone()) {
            parts.crashes.endedWell();
        }
        return taken;
    }

    /**
     * Whether native code goes on after {@link #close}, since it did not end in time. The process
     * should then halt: its exit would free under it what that code uses.
     */
    public boolean isStillRunning() {
        return parts.reloader.isRunning() || parts.models.isStillInUse();
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
