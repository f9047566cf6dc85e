package dev.millrace.deliver;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.job.Delivery;
import dev.millrace.job.Destination;
import dev.millrace.job.Message;
import dev.millrace.job.Request;
import dev.millrace.job.Trace;
import dev.millrace.job.TraceParent;
import dev.millrace.testing.LogLines;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.context.Context;
import io.opentelemetry.sdk.trace.samplers.Sampler;
import io.opentelemetry.sdk.trace.samplers.SamplingDecision;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

/** Of which messages there is a line. */
@Isolated("it counts the lines of the process")
class MessageLogTest {
    private static final int MESSAGES = 20_000;
    private static final double SHARE = 0.05;

    private static Message message(String id, Trace trace) {
        return new Message(
                new Delivery(id, "r", 1, 0, System.nanoTime(), trace),
                new Request(
                        "id",
                        "http://images.test/a.jpg",
                        List.of("safety"),
                        new Destination.Output(),
                        Optional.empty()),
                (_, _) -> {});
    }

    private static ObjectNode head(String status) {
        ObjectNode head = ResultWriter.JSON.createObjectNode().put("status", status);
        if (!status.equals("ok")) {
            head.putObject("error").put("kind", "http_status");
        }
        return head;
    }

    private static boolean hasLine(MessageLog log, Message message, String status, String failure) {
        try (LogLines lines = new LogLines("millrace.message")) {
            log.finished(message, head(status), failure);
            return !lines.lines().isEmpty();
        }
    }

    @Test
    void aShareOfThoseThatEndedWellHasALineAndAlwaysTheSame() {
        MessageLog log = new MessageLog(SHARE);
        int said = 0;
        for (int i = 0; i < MESSAGES; i++) {
            // Real ids, and ids that differ in little.
            String id =
                    i % 2 == 0
                            ? UUID.nameUUIDFromBytes(new byte[] {(byte) i, (byte) (i >> 8)})
                                    .toString()
                            : "m" + i;
            boolean one = hasLine(log, message(id, Trace.NONE), "ok", "");
            said += one ? 1 : 0;
            if (i % 100 == 0) {
                assertEquals(
                        one, hasLine(new MessageLog(SHARE), message(id, Trace.NONE), "ok", ""));
            }
        }
        // Five deviations of a binomial count.
        assertEquals(MESSAGES * SHARE, said, 5 * Math.sqrt(MESSAGES * SHARE * (1 - SHARE)));
    }

    @Test
    void whatFailedAlwaysHasOne() {
        MessageLog none = new MessageLog(0);
        for (int i = 0; i < 100; i++) {
            Message message = message("m" + i, Trace.NONE);
            assertEquals(false, hasLine(none, message, "ok", ""));
            assertTrue(hasLine(none, message, "error", ""));
            assertTrue(hasLine(none, message, "partial", ""));
            assertTrue(hasLine(none, message, "ok", "status 503"));
            assertTrue(hasLine(new MessageLog(1), message, "ok", ""));
        }
    }

    /** So that of one share each message with a trace has its line. */
    @Test
    void tracesAreChosenAsOpenTelemetryChoosesThem() {
        MessageLog log = new MessageLog(SHARE);
        Sampler sampler = Sampler.traceIdRatioBased(SHARE);
        for (int i = 0; i < MESSAGES / 10; i++) {
            String trace = TraceParent.newTraceId();
            SamplingDecision decision =
                    sampler.shouldSample(
                                    Context.root(),
                                    trace,
                                    "process",
                                    SpanKind.CONSUMER,
                                    Attributes.empty(),
                                    List.of())
                            .getDecision();
            assertEquals(
                    decision == SamplingDecision.RECORD_AND_SAMPLE,
                    hasLine(log, message("m", Trace.recorded(trace, Optional.empty())), "ok", ""),
                    trace);
        }
    }
}
