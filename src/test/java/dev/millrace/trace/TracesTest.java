package dev.millrace.trace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.job.Delivery;
import dev.millrace.job.Destination;
import dev.millrace.job.Failure;
import dev.millrace.job.Message;
import dev.millrace.job.Outcome;
import dev.millrace.job.Request;
import dev.millrace.job.Settlement;
import dev.millrace.job.Stage;
import dev.millrace.job.TaskResult;
import dev.millrace.job.Trace;
import dev.millrace.job.TraceParent;
import dev.millrace.job.Tracing;
import dev.millrace.testing.OtlpEndpoint;
import dev.millrace.testing.OtlpEndpoint.Seen;
import io.opentelemetry.proto.trace.v1.Span;
import java.io.IOException;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import okhttp3.HttpUrl;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is sent to a collector of messages that have ended, without a worker around. */
@Isolated("it sets properties of the SDK")
class TracesTest {
    private static final String QUEUE = "http://localhost:9324/000000000000/images";
    private static final String PARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    private static final Optional<TraceParent> SENDER = TraceParent.parse(PARENT, "a=1,b=2");
    private static final Destination CALLBACK =
            new Destination.Callback(HttpUrl.get("https://user:secret@c.test:444/secret?secret"));

    private final Set<String> properties = new HashSet<>();
    private OtlpEndpoint collector;

    @BeforeEach
    void opens() throws IOException {
        collector = new OtlpEndpoint();
        set("otel.exporter.otlp.endpoint", collector.url());
    }

    private void set(String property, String value) {
        properties.add(property);
        System.setProperty(property, value);
    }

    @AfterEach
    void closes() {
        properties.forEach(System::clearProperty);
        collector.close();
    }

    private static Message message(Trace trace, Destination to, Settlement settlement) {
        return new Message(
                new Delivery("q", "r", 3, 0, System.nanoTime() - 100_000_000, trace),
                new Request(
                        "id",
                        "https://user:secret@images.test/a.jpg?secret#secret",
                        List.of("one", "two"),
                        to,
                        Optional.empty()),
                settlement);
    }

    private static TaskResult result(String task, Optional<Failure> failure) {
        long now = System.nanoTime();
        return new TaskResult(
                task,
                Optional.of(new TaskResult.ModelRef("m", "v1")),
                Optional.empty(),
                failure,
                new TaskResult.Times(
                        now - 50_000_000,
                        1_000_000,
                        2_000_000,
                        3_000_000,
                        4_000_000,
                        5_000_000,
                        now));
    }

    private Map<String, Seen> byName() {
        return collector.spans().stream()
                .collect(Collectors.toMap(Seen::name, span -> span, (one, _) -> one, TreeMap::new));
    }

    @Test
    void aMessageHasItsStagesAndItsAttempts() {
        String carried;
        try (Tracing tracing = Traces.open(QUEUE)) {
            Message message =
                    message(tracing.begin(SENDER), CALLBACK, tracing.before((_, _) -> {}));
            message.fetched(System.nanoTime() - 90_000_000, System.nanoTime() - 60_000_000);
            message.complete(0, result("one", Optional.empty()));
            message.complete(
                    1,
                    result(
                            "two",
                            Optional.of(
                                    new Failure(
                                            Failure.Kind.INFERENCE_FAILED, Stage.INFER, "no"))));
            message.calls().begin();
            message.calls().end(System.nanoTime(), "503");
            message.calls().begin();
            message.calls().end(System.nanoTime(), "");
            carried = message.calls().current().orElseThrow().header();
            message.settle(new Outcome.Delivered());
        }
        List<Seen> spans = collector.spans();
        Seen root = spans.getFirst();
        assertEquals("process images", root.name());
        assertEquals(SENDER.get().spanId(), root.parentId());
        assertEquals(Span.SpanKind.SPAN_KIND_CONSUMER, root.kind());
        assertEquals("inference_failed", root.error());
        assertEquals("3", root.attributes().get("millrace.receives"));
        assertEquals("delivered", root.attributes().get("millrace.outcome"));
        assertEquals("q", root.attributes().get("messaging.message.id"));
        assertEquals(
                List.of(
                        "fetch",
                        "slot",
                        "decode",
                        "wait",
                        "infer",
                        "postprocess",
                        "slot",
                        "decode",
                        "wait",
                        "infer",
                        "callback",
                        "callback"),
                spans.subList(1, spans.size()).stream().map(Seen::name).toList());
        for (Seen span : spans) {
            assertEquals(SENDER.get().traceId(), span.traceId());
            assertTrue(span == root || span.parentId().equals(root.spanId()), span.toString());
            assertFalse(span.toString().contains("secret"), span.toString());
        }
        assertEquals("https://images.test/a.jpg", spans.get(1).attributes().get("url.full"));
        Seen first = spans.get(spans.size() - 2);
        Seen last = spans.getLast();
        assertEquals("503", first.error());
        assertEquals("444", last.attributes().get("server.port"));
        assertEquals("00-" + last.traceId() + "-" + last.spanId() + "-01", carried);
        Seen infer = byName().get("infer");
        assertEquals(4_000_000, infer.endNs() - infer.startNs());
        // Both clocks were looked at a moment ago.
        assertEquals(100_000_000, root.endNs() - root.startNs(), 90_000_000);
        assertEquals(System.currentTimeMillis(), root.endNs() / 1_000_000, 60_000);
    }

    @Test
    void aMessageThatGoesBackSaysWhy() {
        try (Tracing tracing = Traces.open(QUEUE)) {
            Message message =
                    message(tracing.begin(SENDER), CALLBACK, tracing.before((_, _) -> {}));
            message.fetched(System.nanoTime() - 90_000_000, System.nanoTime() - 60_000_000);
            Failure failure = new Failure(Failure.Kind.FETCH_TIMEOUT, Stage.FETCH, "late");
            message.settle(new Outcome.Retry(Duration.ofSeconds(30), failure));
            tracing.before((_, _) -> {})
                    .refused(
                            message.delivery(),
                            Optional.of(Failure.Kind.URL_FORBIDDEN),
                            "not allowed");
        }
        assertEquals(
                List.of("fetch_timeout", "fetch_timeout", "url_forbidden"),
                collector.spans().stream().map(Seen::error).toList());
        assertEquals(
                List.of("retried", "rejected"),
                collector.spans().stream()
                        .filter(span -> span.name().equals("process images"))
                        .map(span -> span.attributes().get("millrace.outcome"))
                        .toList());
    }

    @Test
    void resultsThatGoToAQueueAreSent() {
        try (Tracing tracing = Traces.open(QUEUE)) {
            Destination to = new Destination.Queue("http://localhost:9324/000000000000/results");
            Message message = message(tracing.begin(SENDER), to, tracing.before((_, _) -> {}));
            message.calls().begin();
            message.calls().end(System.nanoTime(), "");
            message.settle(new Outcome.Delivered());
        }
        Seen sent = byName().get("send results");
        assertEquals(Span.SpanKind.SPAN_KIND_PRODUCER, sent.kind());
        assertEquals("results", sent.attributes().get("messaging.destination.name"));
        assertEquals("send", sent.attributes().get("messaging.operation.type"));
    }

    @Test
    void theSamplerIsAskedAtTheReceipt() {
        set("otel.traces.sampler", "parentbased_traceidratio");
        set("otel.traces.sampler.arg", "0.1");
        Optional<TraceParent> unsampled =
                TraceParent.parse(PARENT.substring(0, PARENT.length() - 1) + "0", null);
        int sampled = 0;
        try (Tracing tracing = Traces.open(QUEUE)) {
            assertTrue(tracing.begin(SENDER).isSampled());
            assertFalse(tracing.begin(unsampled).isSampled());
            for (int i = 0; i < 10_000; i++) {
                Trace trace = tracing.begin(Optional.empty());
                assertEquals(32, trace.id().length());
                sampled += trace.isSampled() ? 1 : 0;
            }
        }
        assertEquals(1000, sampled, 150, "five deviations of a binomial count");
        assertEquals(List.of(), collector.bodies());
    }

    @ParameterizedTest
    @CsvSource({
        "otel.sdk.disabled, true",
        "otel.traces.exporter, none",
        "otel.exporter.otlp.endpoint, ' '"
    })
    void nothingIsRecordedWhereThatIsSaid(String property, String value) {
        set(property, value);
        assertSame(Tracing.OFF, Traces.open(QUEUE));
    }

    @ParameterizedTest
    @CsvSource({
        "otel.exporter.otlp.protocol, grpc, set http/protobuf",
        "otel.exporter.otlp.endpoint, nowhere, nowhere",
        "otel.traces.sampler, sometimes, sometimes",
        "otel.traces.sampler.arg, much, otel.traces.sampler.arg",
        "otel.bsp.schedule.delay, -3, delay must"
    })
    void aVariableThatCannotWorkIsOneLine(String property, String value, String said) {
        set("otel.traces.sampler", "traceidratio");
        set(property, value);
        IllegalArgumentException mistake =
                assertThrows(IllegalArgumentException.class, () -> Traces.open(QUEUE).close());
        assertEquals(1, mistake.getMessage().lines().count(), mistake.getMessage());
        assertTrue(mistake.getMessage().contains(said), mistake.getMessage());
    }
}
