package dev.millrace.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpServer;
import dev.millrace.config.ConfigException;
import dev.millrace.testing.Contract;
import dev.millrace.testing.FreePort;
import dev.millrace.testing.LogLines;
import dev.millrace.testing.Loopback;
import dev.millrace.testing.OtlpEndpoint;
import dev.millrace.testing.OtlpEndpoint.Seen;
import dev.millrace.testing.TraceOfMessage;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;
import software.amazon.awssdk.services.sqs.model.MessageAttributeValue;
import software.amazon.awssdk.services.sqs.model.MessageSystemAttributeNameForSends;
import software.amazon.awssdk.services.sqs.model.MessageSystemAttributeValue;

/** The trace of a message, from a queue to a callback host and to a collector. */
@Isolated("its scene counts the threads of the process, and it sets properties of the SDK")
class TracesIT extends WithWorkerScene {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String PHOTO = "mpu-300x250-city-night.jpg";
    private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
    private static final String SPAN = "00f067aa0ba902b7";
    private static final String SAMPLED = "00-" + TRACE + "-" + SPAN + "-01";
    private static final String UNSAMPLED = "00-" + TRACE + "-" + SPAN + "-00";
    private static final String NO_OTLP =
            "no /usr/bin/python3 here has OpenTelemetry's protocol (Debian: apt-get install python3-opentelemetry-proto)";

    /** What each result's callback carried, by the result's id. */
    private final Map<String, String> carried = new ConcurrentHashMap<>();

    private final Map<String, String> states = new ConcurrentHashMap<>();
    private final Set<String> properties = new TreeSet<>();
    private OtlpEndpoint collector;
    private HttpServer sink;

    @BeforeEach
    void aCollectorAndASink() throws IOException {
        collector = new OtlpEndpoint();
        sink = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        sink.createContext(
                "/",
                exchange -> {
                    try (exchange) {
                        String id = JSON.readTree(exchange.getRequestBody()).path("id").asText();
                        var headers = exchange.getRequestHeaders();
                        states.put(id, headers.getOrDefault("tracestate", List.of("")).getFirst());
                        carried.put(
                                id, headers.getOrDefault("traceparent", List.of("")).getFirst());
                        exchange.sendResponseHeaders(204, -1);
                    }
                });
        sink.start();
        set("otel.exporter.otlp.endpoint", collector.url());
        set("otel.traces.sampler", "parentbased_traceidratio");
        set("otel.traces.sampler.arg", "0");
    }

    private void set(String property, String value) {
        properties.add(property);
        System.setProperty(property, value);
    }

    @AfterEach
    void ends() {
        properties.forEach(System::clearProperty);
        sink.stop(0);
        collector.close();
    }

    private Worker worker() throws IOException {
        return Worker.start(scene.config(WorkerScene.settings()));
    }

    private String body(String id, String url, String more) {
        return """
        {"id": "%s", "url": "%s?signature=secret", "task": "colors", "callback_url": "http://127.0.0.1:%d/secret?token=secret"%s}"""
                .formatted(id, url, sink.getAddress().getPort(), more);
    }

    private String body(String id) {
        return body(id, scene.internet.photo(PHOTO), "");
    }

    private void send(String body, Map<String, String> attributes) {
        Map<String, MessageAttributeValue> values = new TreeMap<>();
        attributes.forEach(
                (name, value) ->
                        values.put(
                                name,
                                MessageAttributeValue.builder()
                                        .dataType("String")
                                        .stringValue(value)
                                        .build()));
        queue.client()
                .sendMessage(
                        request ->
                                request.queueUrl(queue.url())
                                        .messageBody(body)
                                        .messageAttributes(values));
    }

    private void await(String... ids) throws InterruptedException {
        Loopback.awaitUntil(
                () -> carried.keySet().containsAll(List.of(ids)), 30, () -> carried.toString());
        Loopback.awaitUntil(() -> queue.left() == 0, 30, () -> queue.left() + " left");
    }

    /** Spans are sent each 5 s, and at the end. */
    private List<Seen> spansOf(String body, Map<String, String> attributes) throws Exception {
        try (Worker _ = worker()) {
            send(body, attributes);
            await(JSON.readTree(body).path("id").asText());
        }
        return collector.spans();
    }

    @Test
    void aMessageIsAPieceOfItsSendersTrace() throws Exception {
        List<Seen> spans =
                spansOf(body("m"), Map.of("traceparent", SAMPLED, "tracestate", "a=1,b=2"));
        String header = carried.get("m");
        assertEquals(List.of(), TraceOfMessage.complaints(spans, SAMPLED, header));
        assertEquals("a=1,b=2", states.get("m"));
        assertEquals("millrace", collector.resource().get("service.name"));
        assertPythonReadsTheSame(spans);
        // The controls: each is one mistake.
        List<UnaryOperator<Seen>> mistakes =
                List.of(
                        span -> span.name().equals("wait") ? null : span,
                        span ->
                                is(span, "callback")
                                        ? span.with(SPAN, span.parentId(), "callback")
                                        : span,
                        span ->
                                is(span, "decode")
                                        ? span.with(span.spanId(), SPAN, "decode")
                                        : span,
                        span -> is(span, "infer") ? span.with(span.spanId(), "", "infer") : span,
                        span ->
                                is(span, "slot")
                                        ? span.with(span.spanId(), span.parentId(), "fetch")
                                        : span);
        for (UnaryOperator<Seen> mistake : mistakes) {
            List<Seen> planted = new ArrayList<>(spans);
            planted.replaceAll(mistake);
            planted.removeIf(span -> span == null);
            assertNotEquals(List.of(), TraceOfMessage.complaints(planted, SAMPLED, header));
        }
        assertNotEquals(List.of(), TraceOfMessage.complaints(spans, SAMPLED, SAMPLED));
    }

    private static boolean is(Seen span, String name) {
        return span.name().equals(name);
    }

    /** Another implementation of the protocol. */
    private void assertPythonReadsTheSame(List<Seen> spans) throws Exception {
        Process imports =
                new ProcessBuilder(
                                "/usr/bin/python3",
                                "-c",
                                "import opentelemetry.proto.collector.trace.v1.trace_service_pb2")
                        .redirectErrorStream(true)
                        .start();
        imports.getInputStream().readAllBytes();
        if (imports.waitFor() != 0) {
            System.out.println("TracesIT did not ask Python: " + NO_OTLP);
            return;
        }
        List<String> lines = new ArrayList<>();
        for (byte[] request : collector.bodies()) {
            Process python =
                    new ProcessBuilder("/usr/bin/python3", "src/test/python/otlp_spans.py")
                            .redirectError(ProcessBuilder.Redirect.INHERIT)
                            .start();
            try (OutputStream in = python.getOutputStream()) {
                in.write(request);
            }
            new String(python.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .forEach(lines::add);
        }
        assertEquals(
                spans.stream()
                        .map(
                                span ->
                                        String.join(
                                                "|",
                                                span.traceId(),
                                                span.spanId(),
                                                span.parentId(),
                                                span.name()))
                        .toList(),
                lines);
    }

    @Test
    void whatNobodyRecordsIsPassedOnAndSaidInTheLog() throws Exception {
        try (LogLines log = new LogLines("millrace.message");
                Worker _ = worker()) {
            send(body("unsampled"), Map.of("traceparent", UNSAMPLED));
            send(
                    body("malformed"),
                    Map.of("traceparent", SAMPLED.toUpperCase(java.util.Locale.ROOT)));
            send(body("none"), Map.of());
            send("no request", Map.of("traceparent", UNSAMPLED));
            Loopback.awaitUntil(() -> carried.size() == 3, 30, () -> carried.toString());
            Loopback.awaitUntil(() -> log.lines().size() >= 4, 10, () -> log.lines().toString());
            for (String line : log.lines()) {
                assertEquals(List.of(), Contract.wrongInLog(JSON.readTree(line)), line);
                String id = JSON.readTree(line).path("id").asText();
                String trace = JSON.readTree(line).path("trace_id").asText();
                assertEquals(id.isEmpty() ? TRACE : carried.get(id).split("-")[1], trace, line);
            }
        }
        assertEquals(UNSAMPLED, carried.get("unsampled"));
        for (String id : List.of("malformed", "none")) {
            assertTrue(carried.get(id).matches("00-[0-9a-f]{32}-[0-9a-f]{16}-00"), carried.get(id));
            assertFalse(carried.get(id).contains(TRACE), carried.get(id));
        }
        assertEquals(List.of(), collector.spans());
    }

    @Test
    void aTraceBeginsWhereNoSenderHasBegunOne() throws Exception {
        set("otel.traces.sampler.arg", "1");
        List<Seen> spans = spansOf(body("m"), Map.of());
        Seen root = spans.stream().filter(span -> span.parentId().isEmpty()).findFirst().get();
        assertEquals(carried.get("m").split("-")[1], root.traceId());
        assertEquals(
                8, spans.stream().filter(span -> span.traceId().equals(root.traceId())).count());
        assertEquals(8, spans.size());
    }

    @Test
    void whatXRayOrAnEnvelopeSaysCountsAsWell() throws Exception {
        String event =
                """
                {"specversion": "1.0", "id": "e", "source": "/s", "type": "t", "traceparent": "%s", "data": %s}"""
                        .formatted(SAMPLED, body("enveloped"));
        try (Worker _ = worker()) {
            queue.client()
                    .sendMessage(
                            request ->
                                    request.queueUrl(queue.url())
                                            .messageBody(body("aws"))
                                            .messageSystemAttributes(
                                                    Map.of(
                                                            MessageSystemAttributeNameForSends
                                                                    .AWS_TRACE_HEADER,
                                                            MessageSystemAttributeValue.builder()
                                                                    .dataType("String")
                                                                    .stringValue(
                                                                            "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1")
                                                                    .build())));
            send(event, Map.of());
            await("aws", "enveloped");
        }
        assertTrue(carried.get("enveloped").startsWith("00-" + TRACE), carried.get("enveloped"));
        assertTrue(
                carried.get("aws").startsWith("00-5759e988bd862e3fe1be46a994272793-"),
                carried.get("aws"));
        assertEquals(
                Set.of(SPAN, "53995c3f42cd8ad8"),
                collector.spans().stream()
                        .filter(span -> span.name().startsWith("process"))
                        .map(Seen::parentId)
                        .collect(Collectors.toSet()));
    }

    @Test
    void aStageThatFailedIsTheLastOfItsTaskAndSaysSo() throws Exception {
        List<Seen> spans =
                spansOf(
                        body("gone", scene.internet.photo("is-not-there.jpg"), ""),
                        Map.of("traceparent", SAMPLED));
        assertEquals(
                Map.of("process images", "http_status", "fetch", "http_status", "callback", ""),
                errors(spans));
    }

    @Test
    void anImageThatCannotBeDecodedFailsThere() throws Exception {
        List<Seen> spans =
                spansOf(
                        body("cut", scene.internet.hostile("truncated-header.jpg"), ""),
                        Map.of("traceparent", SAMPLED));
        Map<String, String> errors = errors(spans);
        assertEquals(errors.get("process images"), errors.get("decode"));
        assertFalse(errors.get("decode").isEmpty(), errors.toString());
        assertEquals(
                Set.of("process images", "fetch", "slot", "decode", "callback"), errors.keySet());
    }

    private static Map<String, String> errors(List<Seen> spans) {
        return spans.stream().collect(Collectors.toMap(Seen::name, Seen::error));
    }

    @Test
    void aCollectorThatIsDownHoldsUpNothing() throws Exception {
        set("otel.exporter.otlp.endpoint", "http://127.0.0.1:" + FreePort.find());
        set("otel.traces.sampler", "always_on");
        set("otel.bsp.schedule.delay", "50");
        try (LogLines log = new LogLines("dev.millrace.trace")) {
            deliverAll();
            assertTrue(log.lines().size() <= 3, log.lines().toString());
            assertTrue(
                    log.lines().stream().skip(1).allMatch(line -> line.contains("export")),
                    log.lines().toString());
        }
    }

    @Test
    void aCollectorThatHangsHoldsUpNothing() throws Exception {
        try (ServerSocket hanging = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            set("otel.exporter.otlp.endpoint", "http://127.0.0.1:" + hanging.getLocalPort());
            set("otel.traces.sampler", "always_on");
            set("otel.bsp.schedule.delay", "50");
            deliverAll();
        }
    }

    private void deliverAll() throws Exception {
        Worker worker = worker();
        try {
            List<String> ids = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                ids.add("m" + i);
                send(body("m" + i), Map.of("traceparent", SAMPLED));
            }
            await(ids.toArray(String[]::new));
            worker.drain(Worker.DRAIN_LIMIT);
        } finally {
            long startNs = System.nanoTime();
            worker.close();
            long tookMs = (System.nanoTime() - startNs) / 1_000_000;
            assertTrue(tookMs < 6000, "it closed after " + tookMs + " ms");
        }
    }

    @Test
    void aVariableThatCannotWorkIsOneLine() {
        for (Map.Entry<String, String> wrong :
                Map.of(
                                "otel.exporter.otlp.protocol", "grpc",
                                "otel.traces.sampler", "sometimes",
                                "otel.exporter.otlp.endpoint", "nowhere")
                        .entrySet()) {
            set(wrong.getKey(), wrong.getValue());
            ConfigException mistake =
                    Assertions.assertThrows(ConfigException.class, () -> worker().close());
            assertEquals(1, mistake.getMessage().lines().count(), mistake.getMessage());
            assertTrue(mistake.getMessage().startsWith("traces: "), mistake.getMessage());
            assertTrue(mistake.getMessage().contains(wrong.getValue()), mistake.getMessage());
            System.clearProperty(wrong.getKey());
            set("otel.exporter.otlp.endpoint", collector.url());
        }
    }
}
