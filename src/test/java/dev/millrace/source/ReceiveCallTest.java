package dev.millrace.source;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.millrace.job.TraceParent;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.sqs.model.Message;
import software.amazon.awssdk.services.sqs.model.MessageAttributeValue;
import software.amazon.awssdk.services.sqs.model.MessageSystemAttributeName;

/** Where a message was sent, by what its queue says of it. */
class ReceiveCallTest {
    private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
    private static final String PARENT = "00-" + TRACE + "-00f067aa0ba902b7-01";
    private static final String AWS =
            "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=0";

    private static Optional<TraceParent> sender(String traceparent, String tracestate, String aws) {
        Map<String, MessageAttributeValue> attributes = new HashMap<>();
        put(attributes, "traceparent", traceparent);
        put(attributes, "tracestate", tracestate);
        Message.Builder message = Message.builder().messageAttributes(attributes);
        if (aws != null) {
            message.attributes(Map.of(MessageSystemAttributeName.AWS_TRACE_HEADER, aws));
        }
        return ReceiveCall.sender(message.build());
    }

    private static void put(
            Map<String, MessageAttributeValue> attributes, String name, String value) {
        if (value != null) {
            attributes.put(
                    name,
                    MessageAttributeValue.builder().dataType("String").stringValue(value).build());
        }
    }

    @Test
    void theSendersOwnAttributesGoBeforeThoseOfAws() {
        assertEquals(
                Optional.of(new TraceParent(TRACE, "00f067aa0ba902b7", 1, "a=1")),
                sender(PARENT, "a=1", AWS));
        assertEquals("53995c3f42cd8ad8", sender("x", "a=1", AWS).orElseThrow().spanId());
        assertEquals(
                "5759e988bd862e3fe1be46a994272793",
                sender(null, null, AWS).orElseThrow().traceId());
        assertEquals(Optional.empty(), sender(null, "a=1", null));
    }
}
