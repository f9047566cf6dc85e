package dev.millrace.observe;

import dev.millrace.deliver.CallbackClient;
import dev.millrace.duty.Duties;
import dev.millrace.gpu.cuda.Nvml;
import dev.millrace.infer.BatchStats;
import dev.millrace.job.Admission;
import dev.millrace.job.Counter;
import dev.millrace.job.Counters;
import dev.millrace.job.DropReason;
import dev.millrace.job.Failure;
import dev.millrace.job.StageClock;
import dev.millrace.nativelib.ResizeKernel;
import dev.millrace.preprocess.DecodeBudget;
import dev.millrace.quarantine.Caution;
import dev.millrace.quarantine.Suspects;
import dev.millrace.resource.Build;
import dev.millrace.serve.CallCounts;
import dev.millrace.serve.CallServer;
import dev.millrace.source.VisibilityKeeper;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Tags;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;

/**
 * What {@code /metrics} shows. Everything is read when it is asked for; nothing is done per
 * message. The {@code nv_} names are Triton's and cumulative; they are exposed as gauges, since a
 * counter's name would have to end in {@code _total}. Names of our own follow Prometheus' rules.
 */
public final class Metrics implements AutoCloseable {
    static final String BINARY =
            "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited";

    /** What each name means, beside the counters, which say so themselves. */
    private static final Map<String, String> SENTENCES =
            """
            millrace.failures: Tasks that ended without a verdict, by the kind of failure; of callback_failed the messages whose result was not taken.
            millrace.tried.again: Failures that were followed by another try, by their kind.
            millrace.dropped: Events of a bucket that ask for no image, by the reason, again at each receipt; a message of nothing else is deleted.
            millrace.admission.in.flight: Messages admitted and not yet settled.
            millrace.admission.limit: Messages that may be in flight now.
            millrace.admission.bytes: Bytes of downloads, large messages and large results in flight.
            millrace.oldest.in.flight.seconds: Age of the oldest message in flight since its receipt; 0 when there is none.
            millrace.progress.age.seconds: Time since the last progress of a stage's slowest thread, waiting for work included; a second or so where all is well.
            millrace.suspects: Messages that native code had when a worker crashed, not answered yet.
            millrace.careful.seconds: Time for which the worker still tries each image and has few messages in flight, after a crash; 0 when all is well.
            millrace.ready: Whether the worker polls the queue; 0 while it starts or drains, and after a fault.
            millrace.faulted: Whether the worker cannot go on, by the reason; its process then ends by itself.
            millrace.previous.fault: Whether the worker before this one, with the same state directory, could not go on, by the reason.
            millrace.restarts: Times that the supervisor has started the worker again.
            millrace.callbacks.held: Messages that wait for a callback host that is down.
            millrace.decode.reserved.bytes: Native memory taken by images that are being decoded.
            millrace.decode.waits: Images that waited for preprocess.decodeBytes.
            millrace.calls: Requests of callers that wait for their answers, by the status of the answer; gone where the caller broke off.
            millrace.callers.images: Images in the worker that callers wait for.
            millrace.callers.connections: Connections of callers that are open.
            nv_gpu_utilization: GPU utilization, 0 to 1.
            nv_gpu_memory_total_bytes: GPU memory.
            nv_gpu_memory_used_bytes: GPU memory in use.
            nv_gpu_power_usage: GPU power in watts.
            millrace.gpu.clock.hertz: Clock of the GPU's multiprocessors.
            millrace.admission.permits: Permits for messages that are taken, by those in flight and by polls that may bring some.
            millrace.native.kernel: Whether images are resized by the native kernel; 0 where it is missing and Java does it.
            nv_inference_count: Images inferred.
            nv_inference_exec_count: Batches executed.
            nv_inference_queue_duration_us: Time that images waited between download and batch, decoding included.
            nv_inference_compute_infer_duration_us: Time that the device computed the batches of images, by its own clock, without copies.
            millrace.batches: Batches executed, by their rows.
            millrace.ring.occupied: Slots of the ring that hold a job.
            millrace.ring.size: Slots of the ring.
            millrace.infer.busy.seconds: Time in which a batch was in flight.
            """
                    .lines()
                    .map(line -> line.split(": ", 2))
                    .collect(Collectors.toMap(line -> line[0], line -> line[1]));

    /** As the names of their threads begin. */
    private static final List<String> STAGES =
            List.of("receive", "preprocess", "infer", "deliver", "acknowledge", "visibility");

    private final PrometheusMeterRegistry registry =
            new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final ProcessMetrics process = new ProcessMetrics(registry);
    private final DurationMetrics stages =
            new DurationMetrics(
                    "millrace_stage_duration_seconds",
                    "Time of messages in each stage, by the steps of timings_ms; those of models by image.");

    public Metrics(Counters counters, Admission admission) {
        for (Counter counter : Counter.values()) {
            String name = "millrace." + counter.name().toLowerCase(Locale.ROOT).replace('_', '.');
            FunctionCounter.builder(name, counters, c -> c.get(counter))
                    .description(counter.sentence())
                    .register(registry);
        }
        for (Failure.Kind kind : Failure.Kind.values()) {
            Tags tags = Tags.of("kind", kind.wireName());
            counter("millrace.failures", counters, c -> c.get(kind), tags);
            counter("millrace.tried.again", counters, c -> c.triedAgain(kind), tags);
        }
        for (DropReason reason : DropReason.values()) {
            Tags tags = Tags.of("reason", reason.wireName());
            counter("millrace.dropped", counters, c -> c.get(reason), tags);
        }
        gauge("millrace.admission.in.flight", admission, Admission::inFlight, Tags.empty());
        gauge("millrace.admission.permits", admission, Admission::taken, Tags.empty());
        gauge("millrace.admission.limit", admission, Admission::limit, Tags.empty());
        gauge("millrace.admission.bytes", admission, Admission::bytesInFlight, Tags.empty());
        gauge(
                "millrace.native.kernel",
                this,
                _ -> ResizeKernel.get().library().isPresent() ? 1 : 0,
                Tags.empty());
        PrometheusRegistry own = registry.getPrometheusRegistry();
        own.register(stages);
        own.register(
                new DurationMetrics(
                                "millrace_message_age_seconds",
                                "Age of messages at their receipt, since they were sent; again at each receipt.")
                        .add(counters.ages()));
        own.register(
                new DurationMetrics(
                                "millrace_message_duration_seconds",
                                "Time from the receipt of a message until the queue had deleted it.")
                        .add(counters.totals()));
        own.register(new InfoMetrics("millrace_build", "Which build this is.", Metrics::build));
    }

    /** Adds whether the worker is ready, and whether it cannot go on. */
    public void health(BooleanSupplier ready, Supplier<Optional<FaultReason>> fault) {
        gauge("millrace.ready", ready, r -> r.getAsBoolean() ? 1 : 0, Tags.empty());
        for (FaultReason reason : FaultReason.values()) {
            Tags tags = Tags.of("reason", reason.wireName());
            gauge(
                    "millrace.faulted",
                    fault,
                    f -> f.get().filter(reason::equals).isPresent() ? 1 : 0,
                    tags);
        }
    }

    /**
     * Adds what waits, for callback hosts and for memory, and how long nothing has gone on: the
     * oldest message, and each kind of thread.
     */
    public void progress(
            CallbackClient client, DecodeBudget budget, VisibilityKeeper keeper, Duties duties) {
        gauge("millrace.callbacks.held", client, CallbackClient::held, Tags.empty());
        gauge("millrace.decode.reserved.bytes", budget, DecodeBudget::reserved, Tags.empty());
        counter("millrace.decode.waits", budget, DecodeBudget::waits, Tags.empty());
        gauge(
                "millrace.oldest.in.flight.seconds",
                keeper,
                k -> k.oldestNs(System.nanoTime()) / 1e9,
                Tags.empty());
        for (String stage : STAGES) {
            gauge(
                    "millrace.progress.age.seconds",
                    duties,
                    d -> d.stillNs(stage, System.nanoTime()) / 1e9,
                    Tags.of("stage", stage));
        }
    }

    /** Adds what callers do who wait for their answers. */
    public void callers(CallServer server) {
        CallCounts counts = server.counts();
        for (int status : CallCounts.STATUSES) {
            Tags tags = Tags.of("status", Integer.toString(status));
            counter("millrace.calls", counts, c -> c.answered(status), tags);
        }
        counter("millrace.calls", counts, CallCounts::brokenOff, Tags.of("status", "gone"));
        gauge("millrace.callers.images", server, CallServer::images, Tags.empty());
        gauge("millrace.callers.connections", server, CallServer::connections, Tags.empty());
        registry.getPrometheusRegistry()
                .register(
                        new DurationMetrics(
                                        "millrace_call_duration_seconds",
                                        "Time from the complete head of a caller's request until its answer was ready.")
                                .add(counts.times()));
    }

    /**
     * Adds what is known of crashes.
     *
     * @param previous why the worker before this one could not go on, by its wire name
     */
    public void crashes(
            Suspects suspects, Caution caution, int restarts, Optional<String> previous) {
        for (FaultReason reason : FaultReason.values()) {
            Tags tags = Tags.of("reason", reason.wireName());
            double was = previous.filter(reason.wireName()::equals).isPresent() ? 1 : 0;
            gauge("millrace.previous.fault", this, _ -> was, tags);
        }
        gauge("millrace.suspects", suspects, Suspects::size, Tags.empty());
        gauge("millrace.careful.seconds", caution, c -> c.left().toMillis() / 1e3, Tags.empty());
        counter("millrace.restarts", this, _ -> restarts, Tags.empty());
    }

    /** Adds the metrics of the GPU, each read from the driver when it is asked for. */
    public void gpu(Nvml nvml) {
        Tags tags = Tags.of("gpu_uuid", nvml.uuid());
        gauge("nv_gpu_utilization", nvml, Nvml::utilization, tags);
        gauge("nv_gpu_memory_total_bytes", nvml, Nvml::memoryTotalBytes, tags);
        gauge("nv_gpu_memory_used_bytes", nvml, Nvml::memoryUsedBytes, tags);
        gauge("nv_gpu_power_usage", nvml, Nvml::powerWatts, tags);
        gauge("millrace.gpu.clock.hertz", nvml, Nvml::clockHertz, tags);
    }

    /** Adds the metrics of one model. */
    public void model(ModelMeters model) {
        BatchStats batches = model.batches();
        Tags tags = Tags.of("model", model.task());
        gauge("nv_inference_count", batches, BatchStats::rows, tags);
        gauge("nv_inference_exec_count", batches, BatchStats::batches, tags);
        gauge("nv_inference_queue_duration_us", batches, b -> b.queuedNs() / 1e3, tags);
        gauge("nv_inference_compute_infer_duration_us", batches, b -> b.computedNs() / 1e3, tags);
        stages.add(batches.slots(), "stage", "slot", "model", model.task())
                .add(model.preprocess().durations(), "stage", "decode", "model", model.task())
                .add(batches.waits(), "stage", "wait", "model", model.task())
                .add(batches.inFlight(), "stage", "infer", "model", model.task())
                .add(model.deliver().durations(), "stage", "postprocess", "model", model.task());
        List<String> sizes = BatchStats.sizeNames();
        for (int size = 0; size < sizes.size(); size++) {
            int range = size;
            Tags rows = tags.and("rows", sizes.get(size));
            counter("millrace.batches", batches, b -> b.bySize().get(range), rows);
        }
        gauge("millrace.ring.occupied", model, m -> m.ring().occupied(), tags);
        gauge("millrace.ring.size", model, m -> m.ring().size(), tags);
        counter("millrace.infer.busy.seconds", model, m -> m.batches().busyNs() / 1e9, tags);
    }

    /** Adds the stages that all models share. */
    public void stages(StageClock fetch, StageClock callback, StageClock acknowledge) {
        stages.add(fetch.durations(), "stage", "fetch")
                .add(callback.durations(), "stage", "callback")
                .add(acknowledge.durations(), "stage", "acknowledge");
    }

    /**
     * Adds which models run.
     *
     * @param models labels of each, as names and values by turns
     */
    public void models(Supplier<List<String[]>> models) {
        registry.getPrometheusRegistry()
                .register(
                        new InfoMetrics(
                                "millrace_model", "Models that serve the tasks now.", models));
    }

    private static List<String[]> build() {
        return List.<String[]>of(
                new String[] {
                    "version", Build.THIS.version(),
                    "revision", Build.THIS.revision(),
                    "java", System.getProperty("java.version")
                });
    }

    /** Holds its subject, which may be nobody else's; the registry alone would not. */
    private <T> void gauge(String name, T of, ToDoubleFunction<T> value, Tags tags) {
        Gauge.builder(name, of, value)
                .description(SENTENCES.get(name))
                .tags(tags)
                .strongReference(true)
                .register(registry);
    }

    private <T> void counter(String name, T of, ToDoubleFunction<T> value, Tags tags) {
        FunctionCounter.builder(name, of, value)
                .description(SENTENCES.get(name))
                .tags(tags)
                .register(registry);
    }

    public String scrape() {
        return registry.scrape();
    }

    /** The same in Prometheus' binary format, with native histograms. */
    byte[] scrapeBinary() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try {
            registry.scrape(out, BINARY);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }

    /** Makes a server answer with these. */
    public void serveBy(StatusServer server) {
        server.binary(this::scrapeBinary, this::scrape);
    }

    @Override
    public void close() {
        process.close();
        registry.close();
    }
}
