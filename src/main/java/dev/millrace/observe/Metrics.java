package dev.millrace.observe;

import dev.millrace.deliver.CallbackClient;
import dev.millrace.duty.Duties;
import dev.millrace.gpu.cuda.Nvml;
import dev.millrace.infer.BatchStats;
import dev.millrace.job.Admission;
import dev.millrace.job.Counter;
import dev.millrace.job.Counters;
import dev.millrace.job.Failure;
import dev.millrace.preprocess.DecodeBudget;
import dev.millrace.quarantine.Suspects;
import dev.millrace.source.VisibilityKeeper;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/**
 * What {@code /metrics} shows. Everything is read when it is asked for; nothing is done per
 * message. The {@code nv_} names are Triton's and cumulative; they are exposed as gauges, since a
 * counter's name would have to end in {@code _total}.
 */
public final class Metrics implements AutoCloseable {
    private final PrometheusMeterRegistry registry =
            new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);

    /** As the names of their threads begin. */
    private static final List<String> STAGES =
            List.of("receive", "preprocess", "infer", "deliver", "acknowledge", "visibility");

    private final JvmGcMetrics gc = new JvmGcMetrics();

    public Metrics(Counters counters, Admission admission) {
        for (Counter counter : Counter.values()) {
            FunctionCounter.builder(name(counter), counters, c -> c.get(counter))
                    .description(counter.sentence())
                    .register(registry);
        }
        for (Failure.Kind kind : Failure.Kind.values()) {
            FunctionCounter.builder("millrace.failures", counters, c -> c.get(kind))
                    .description(
                            "Tasks that ended without a verdict, by the kind of failure; of callback_failed the messages whose result was not taken.")
                    .tag("kind", kind.wireName())
                    .register(registry);
            FunctionCounter.builder("millrace.tried.again", counters, c -> c.triedAgain(kind))
                    .description("Failures that were followed by another try, by their kind.")
                    .tag("kind", kind.wireName())
                    .register(registry);
        }
        gauge(
                "millrace.admission.in.flight",
                "Messages admitted and not yet settled.",
                admission,
                Admission::inFlight);
        gauge(
                "millrace.admission.limit",
                "Messages that may be in flight: completions per second times the visibility timeout, bounded.",
                admission,
                Admission::limit);
        gauge(
                "millrace.admission.bytes",
                "Bytes of downloads, large messages and large results in flight.",
                admission,
                Admission::bytesInFlight);
        new JvmMemoryMetrics().bindTo(registry);
        new JvmThreadMetrics().bindTo(registry);
        new ProcessorMetrics().bindTo(registry);
        gc.bindTo(registry);
    }

    /** Adds how long nothing has gone on: the oldest message, and each kind of thread. */
    public void progress(Duties duties, VisibilityKeeper keeper) {
        gauge(
                "millrace.oldest.in.flight.seconds",
                "Age of the oldest message in flight since its receipt; 0 when there is none.",
                keeper,
                k -> seconds(k.oldestNs(System.nanoTime())));
        for (String stage : STAGES) {
            Gauge.builder(
                            "millrace.progress.age.seconds",
                            duties,
                            d -> seconds(d.stillNs(stage, System.nanoTime())))
                    .description(
                            "Time since the last progress of a stage's slowest thread, waiting for"
                                    + " work included; a second or so where all is well.")
                    .tag("stage", stage)
                    .register(registry);
        }
    }

    private static double seconds(long nanos) {
        return nanos / 1e9;
    }

    /** Adds what is known of crashes. */
    public void crashes(Suspects suspects, int restarts) {
        gauge(
                "millrace.suspects",
                "Messages that native code had when a worker crashed, not answered yet.",
                suspects,
                Suspects::size);
        FunctionCounter.builder("millrace.restarts", this, _ -> restarts)
                .description("Times that the supervisor has started the worker again.")
                .register(registry);
    }

    /** Adds what waits for callback hosts. */
    public void callbacks(CallbackClient client) {
        gauge(
                "millrace.callbacks.held",
                "Messages that wait for a callback host that is down.",
                client,
                CallbackClient::held);
    }

    /** Adds what images being decoded take. */
    public void decoding(DecodeBudget budget) {
        gauge(
                "millrace.decode.reserved.bytes",
                "Native memory taken by images that are being decoded.",
                budget,
                DecodeBudget::reserved);
        FunctionCounter.builder("millrace.decode.waits", budget, DecodeBudget::waits)
                .description("Images that waited for preprocess.decodeBytes.")
                .register(registry);
    }

    /** Adds the metrics of the GPU, each read from the driver when it is asked for. */
    public void gpu(Nvml nvml) {
        Tags tags = Tags.of("gpu_uuid", nvml.uuid());
        gpu("nv_gpu_utilization", "GPU utilization, 0 to 1.", nvml, Nvml::utilization, tags);
        gpu("nv_gpu_memory_total_bytes", "GPU memory.", nvml, Nvml::memoryTotalBytes, tags);
        gpu("nv_gpu_memory_used_bytes", "GPU memory in use.", nvml, Nvml::memoryUsedBytes, tags);
        gpu("nv_gpu_power_usage", "GPU power in watts.", nvml, Nvml::powerWatts, tags);
        gpu(
                "millrace.gpu.clock.hertz",
                "Clock of the GPU's multiprocessors.",
                nvml,
                Nvml::clockHertz,
                tags);
    }

    private void gpu(
            String name, String sentence, Nvml nvml, ToDoubleFunction<Nvml> value, Tags tags) {
        // The registry holds its subjects weakly, and nobody else holds this one.
        Gauge.builder(name, nvml, value)
                .description(sentence)
                .tags(tags)
                .strongReference(true)
                .register(registry);
    }

    /** Adds the metrics of one model. */
    public void model(ModelMeters model) {
        BatchStats batches = model.batches();
        Tags tags = Tags.of("model", model.task());
        triton("nv_inference_count", "Images inferred.", batches, BatchStats::rows, tags);
        triton("nv_inference_exec_count", "Batches executed.", batches, BatchStats::batches, tags);
        triton(
                "nv_inference_queue_duration_us",
                "Time that images waited between download and batch, decoding included.",
                batches,
                b -> b.queuedNs() / 1e3,
                tags);
        triton(
                "nv_inference_compute_infer_duration_us",
                "Time that images spent in a batch, copies included.",
                batches,
                b -> b.inFlightNs() / 1e3,
                tags);
        List<String> sizes = BatchStats.sizeNames();
        for (int size = 0; size < sizes.size(); size++) {
            int range = size;
            FunctionCounter.builder("millrace.batches", batches, b -> b.bySize().get(range))
                    .description("Batches executed, by their rows.")
                    .tags(tags.and("rows", sizes.get(size)))
                    .register(registry);
        }
        Gauge.builder("millrace.ring.occupied", model, m -> m.ring().occupied())
                .description("Slots of the ring that hold a job.")
                .tags(tags)
                .register(registry);
        Gauge.builder("millrace.ring.size", model, m -> m.ring().size())
                .description("Slots of the ring.")
                .tags(tags)
                .register(registry);
        seconds(
                "millrace.preprocess.busy",
                "Time spent decoding and resizing.",
                model,
                tags,
                p -> p.preprocess().busyNs());
        seconds(
                "millrace.infer.busy",
                "Time in which a batch was in flight.",
                model,
                tags,
                p -> p.batches().busyNs());
        seconds(
                "millrace.postprocess.busy",
                "Time spent postprocessing.",
                model,
                tags,
                p -> p.deliver().busyNs());
    }

    private void seconds(
            String name,
            String sentence,
            ModelMeters model,
            Tags tags,
            ToDoubleFunction<ModelMeters> nanos) {
        FunctionCounter.builder(name, model, p -> nanos.applyAsDouble(p) / 1e9)
                .description(sentence)
                .baseUnit("seconds")
                .tags(tags)
                .register(registry);
    }

    private void triton(
            String name,
            String sentence,
            BatchStats batches,
            ToDoubleFunction<BatchStats> value,
            Tags tags) {
        Gauge.builder(name, batches, value).description(sentence).tags(tags).register(registry);
    }

    private <T> void gauge(String name, String sentence, T of, ToDoubleFunction<T> value) {
        Gauge.builder(name, of, value).description(sentence).register(registry);
    }

    private static String name(Counter counter) {
        return "millrace." + counter.name().toLowerCase(Locale.ROOT).replace('_', '.');
    }

    public String scrape() {
        return registry.scrape();
    }

    @Override
    public void close() {
        gc.close();
        registry.close();
    }
}
