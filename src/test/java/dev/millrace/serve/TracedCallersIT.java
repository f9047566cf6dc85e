package dev.millrace.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.millrace.testing.Contract;
import dev.millrace.testing.LogLines;
import dev.millrace.testing.OtlpEndpoint;
import dev.millrace.testing.OtlpEndpoint.Seen;
import io.opentelemetry.proto.trace.v1.Span;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

/** A caller's trace and the line that a worker writes of its image. */
@Isolated("it sets properties of the SDK")
class TracedCallersIT {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
    private static final String SPAN = "00f067aa0ba902b7";
    private static final String PATH = "/v2/models/colors/infer";

    private static void infer(CallerScene scene, String flags) throws Exception {
        assertEquals(
                200,
                scene.send(
                                scene.post(
                                        PATH,
                                        CallerScene.photo(),
                                        "Content-Type",
                                        "image/*",
                                        "traceparent",
                                        "00-" + TRACE + "-" + SPAN + "-" + flags))
                        .statusCode());
    }

    @Test
    void aCallersImageIsAPieceOfItsTrace() throws Exception {
        try (OtlpEndpoint collector = new OtlpEndpoint()) {
            System.setProperty("otel.exporter.otlp.endpoint", collector.url());
            try (CallerScene scene = new CallerScene("colors")) {
                infer(scene, "01");
                infer(scene, "00");
            } finally {
                System.clearProperty("otel.exporter.otlp.endpoint");
            }
            List<Seen> spans = collector.spans();
            Seen root =
                    spans.stream().filter(span -> span.parentId().equals(SPAN)).findFirst().get();
            assertEquals(Span.SpanKind.SPAN_KIND_SERVER, root.kind());
            assertEquals("POST /v2/models/{model}/infer", root.name());
            assertTrue(spans.stream().allMatch(span -> span.traceId().equals(TRACE)));
            assertEquals(
                    Set.of("slot", "decode", "wait", "infer", "postprocess"),
                    spans.stream()
                            .filter(span -> span.parentId().equals(root.spanId()))
                            .map(Seen::name)
                            .collect(Collectors.toSet()));
            assertEquals(6, spans.size(), spans.toString());
        }
    }

    @Test
    void theLineOfACallersImageIsAsTheSchemaSays() throws Exception {
        try (LogLines log = new LogLines("millrace.message");
                CallerScene scene = new CallerScene("colors")) {
            infer(scene, "00");
            assertEquals(1, log.lines().size());
            JsonNode line = JSON.readTree(log.lines().getFirst());
            assertEquals(List.of(), Contract.wrongInLog(line), line::toString);
            assertEquals("answered", line.path("callback").asText());
            assertEquals(TRACE, line.path("trace_id").asText());
        }
    }
}
