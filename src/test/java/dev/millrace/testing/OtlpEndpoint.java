package dev.millrace.testing;

import com.google.protobuf.InvalidProtocolBufferException;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.Span;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** A collector of traces: takes OTLP over HTTP and decodes it with OpenTelemetry's own classes. */
public final class OtlpEndpoint implements AutoCloseable {
    private final HttpServer server;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final List<byte[]> bodies = new CopyOnWriteArrayList<>();
    private final List<String> keys = new CopyOnWriteArrayList<>();

    /**
     * One span, in the words of the tests.
     *
     * @param parentId empty where it has none
     * @param attributes as texts
     * @param error its {@code error.type}; empty where it is no error
     */
    public record Seen(
            String traceId,
            String spanId,
            String parentId,
            String name,
            Span.SpanKind kind,
            long startNs,
            long endNs,
            Map<String, String> attributes,
            String error) {
        public Seen with(String otherSpan, String otherParent, String otherName) {
            return new Seen(
                    traceId,
                    otherSpan,
                    otherParent,
                    otherName,
                    kind,
                    startNs,
                    endNs,
                    attributes,
                    error);
        }
    }

    public OtlpEndpoint() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 16);
        server.setExecutor(threads);
        server.createContext("/v1/traces", this::take);
        server.start();
    }

    private void take(HttpExchange exchange) throws IOException {
        try (exchange) {
            keys.add(String.valueOf(exchange.getRequestHeaders().getFirst("api-key")));
            bodies.add(exchange.getRequestBody().readAllBytes());
            exchange.getResponseHeaders().add("Content-Type", "application/x-protobuf");
            exchange.sendResponseHeaders(200, -1);
        }
    }

    public String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    /** The requests, as they came. */
    public List<byte[]> bodies() {
        return List.copyOf(bodies);
    }

    /** The header {@code api-key} of each. */
    public List<String> keys() {
        return List.copyOf(keys);
    }

    /** The spans of all requests. */
    public List<Seen> spans() {
        List<Seen> spans = new ArrayList<>();
        for (ResourceSpans resource : resources()) {
            resource.getScopeSpansList()
                    .forEach(scope -> scope.getSpansList().forEach(one -> spans.add(seen(one))));
        }
        return spans;
    }

    /** What the process says of itself, in its first request. */
    public Map<String, String> resource() {
        return texts(resources().getFirst().getResource().getAttributesList());
    }

    private List<ResourceSpans> resources() {
        List<ResourceSpans> all = new ArrayList<>();
        for (byte[] body : bodies) {
            try {
                all.addAll(ExportTraceServiceRequest.parseFrom(body).getResourceSpansList());
            } catch (InvalidProtocolBufferException e) {
                throw new UncheckedIOException(e);
            }
        }
        return all;
    }

    private static Seen seen(Span span) {
        Map<String, String> attributes = texts(span.getAttributesList());
        return new Seen(
                HexFormat.of().formatHex(span.getTraceId().toByteArray()),
                HexFormat.of().formatHex(span.getSpanId().toByteArray()),
                HexFormat.of().formatHex(span.getParentSpanId().toByteArray()),
                span.getName(),
                span.getKind(),
                span.getStartTimeUnixNano(),
                span.getEndTimeUnixNano(),
                attributes,
                span.getStatus().getCodeValue() == 2
                        ? attributes.getOrDefault("error.type", "?")
                        : "");
    }

    private static Map<String, String> texts(List<KeyValue> attributes) {
        Map<String, String> texts = new TreeMap<>();
        for (KeyValue attribute : attributes) {
            var value = attribute.getValue();
            texts.put(
                    attribute.getKey(),
                    switch (value.getValueCase()) {
                        case STRING_VALUE -> value.getStringValue();
                        case INT_VALUE -> Long.toString(value.getIntValue());
                        default -> value.toString();
                    });
        }
        return texts;
    }

    @Override
    public void close() {
        server.stop(0);
        threads.close();
    }
}
