package dev.millrace.trace;

import dev.millrace.job.Delivery;
import dev.millrace.job.LimitedLog;
import dev.millrace.job.Message;
import dev.millrace.job.Outcome;
import dev.millrace.job.Trace;
import dev.millrace.job.TraceParent;
import dev.millrace.job.Tracing;
import dev.millrace.resource.Build;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.context.Context;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.autoconfigure.AutoConfiguredOpenTelemetrySdk;
import io.opentelemetry.sdk.resources.Resource;
import io.opentelemetry.sdk.trace.samplers.Sampler;
import io.opentelemetry.sdk.trace.samplers.SamplingDecision;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.slf4j.LoggerFactory;

/**
 * Records traces with OpenTelemetry's SDK, which is configured by its own variables. The sampler
 * that they name is asked at the receipt of a message, and nothing is done for one that it leaves
 * out. The SDK's thread sends what was written; where it waits for more than the SDK's queue holds,
 * spans are dropped. Owns the SDK.
 */
final class OtlpTracing implements Tracing {
    private static final AttributeKey<String> SERVICE = AttributeKey.stringKey("service.name");
    private static final AttributeKey<String> VERSION = AttributeKey.stringKey("service.version");
    private static final long FLUSH_MS = 2000;

    private final OpenTelemetrySdk sdk;
    private final Sampler sampler;
    private final String name;
    private final SpanWriter writer;
    private final ExporterLog log;
    private final LimitedLog failures = new LimitedLog(LoggerFactory.getLogger(Traces.class));

    private OtlpTracing(
            OpenTelemetrySdk sdk,
            Sampler sampler,
            String name,
            SpanWriter writer,
            ExporterLog log) {
        this.sdk = sdk;
        this.sampler = sampler;
        this.name = name;
        this.writer = writer;
        this.log = log;
    }

    /**
     * @param queue by its name
     * @throws IllegalArgumentException with one line where the variables cannot work
     */
    static OtlpTracing open(String queue) {
        ExporterLog log = new ExporterLog();
        GivenIds ids = new GivenIds();
        AtomicReference<Sampler> sampler = new AtomicReference<>();
        try {
            OpenTelemetrySdk sdk =
                    AutoConfiguredOpenTelemetrySdk.builder()
                            .disableShutdownHook()
                            .addPropertiesSupplier(
                                    () -> Map.of("otel.exporter.otlp.protocol", "http/protobuf"))
                            // Metrics are scraped, and logs are lines.
                            .addPropertiesCustomizer(
                                    _ ->
                                            Map.of(
                                                    "otel.metrics.exporter", "none",
                                                    "otel.logs.exporter", "none"))
                            .addResourceCustomizer((resource, _) -> named(resource))
                            // It is asked at the receipt; what is written later was chosen.
                            .addSamplerCustomizer(
                                    (configured, _) -> {
                                        sampler.set(configured);
                                        return Sampler.alwaysOn();
                                    })
                            .addTracerProviderCustomizer(
                                    (provider, _) -> provider.setIdGenerator(ids))
                            .build()
                            .getOpenTelemetrySdk();
            String version = Build.THIS.version();
            SpanWriter writer =
                    new SpanWriter(
                            sdk.getTracerProvider()
                                    .tracerBuilder("dev.millrace")
                                    .setInstrumentationVersion(version)
                                    .build(),
                            ids,
                            queue);
            return new OtlpTracing(sdk, sampler.get(), "process " + queue, writer, log);
        } catch (RuntimeException e) {
            log.close();
            throw new IllegalArgumentException(
                    LimitedLog.plain(said(e)) + "; correct the variables OTEL_…", e);
        }
    }

    /** The SDK says of some mistakes in the cause alone which they are. */
    private static String said(Throwable failure) {
        Throwable cause = failure.getCause();
        return failure.getMessage() + (cause == null ? "" : ": " + said(cause));
    }

    /** By whoever runs it, or else as the program is called. */
    private static Resource named(Resource resource) {
        String name = resource.getAttribute(SERVICE);
        Resource program =
                Resource.create(
                        name == null || name.startsWith("unknown_service")
                                ? Attributes.of(SERVICE, "millrace", VERSION, Build.THIS.version())
                                : Attributes.of(VERSION, Build.THIS.version()));
        String version = resource.getAttribute(VERSION);
        return version == null
                ? resource.merge(program)
                : resource.merge(program).merge(Resource.create(Attributes.of(VERSION, version)));
    }

    /** In the SDK's words. */
    String sampler() {
        return sampler.getDescription();
    }

    @Override
    public Trace begin(Optional<TraceParent> sender) {
        String id = sender.map(TraceParent::traceId).orElseGet(TraceParent::newTraceId);
        return isSampled(id, sender) ? Trace.recorded(id, sender) : Trace.unrecorded(id, sender);
    }

    private boolean isSampled(String id, Optional<TraceParent> sender) {
        try {
            Context from = SpanWriter.context(sender);
            return sampler.shouldSample(
                                    from,
                                    id,
                                    name,
                                    SpanKind.CONSUMER,
                                    Attributes.empty(),
                                    List.of())
                            .getDecision()
                    == SamplingDecision.RECORD_AND_SAMPLE;
        } catch (RuntimeException e) {
            failures.warn("the sampler of traces failed: " + LimitedLog.reason(e));
            return false;
        }
    }

    @Override
    public void ended(Message message, Outcome outcome) {
        write(() -> writer.ended(message, outcome));
    }

    @Override
    public void refused(Delivery delivery, String kind) {
        write(() -> writer.refused(delivery, kind));
    }

    private void write(Runnable spans) {
        try {
            spans.run();
        } catch (RuntimeException e) {
            failures.warn("a message's trace could not be written: " + LimitedLog.reason(e));
        }
    }

    @Override
    public void close() {
        sdk.shutdown().join(FLUSH_MS, TimeUnit.MILLISECONDS);
        log.close();
    }
}
