package dev.millrace.deliver;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.millrace.job.Delivery;
import dev.millrace.job.Destination;
import dev.millrace.job.Message;
import dev.millrace.job.Request;
import dev.millrace.job.Trace;
import dev.millrace.job.TraceParent;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What goes along with a result to a queue or a topic. */
class MarkedTest {
    private static final String PARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    private static Marked marked(Trace trace) {
        Message message =
                new Message(
                        new Delivery("m", "r", 1, 0, 0, trace),
                        new Request(
                                "id",
                                "http://images.test/a.jpg",
                                List.of("safety"),
                                new Destination.Output(),
                                Optional.empty()),
                        (_, _) -> {});
        message.calls().begin();
        return Marked.of(message, "{}".getBytes(), WebhookSigner.of(List.of()));
    }

    @Test
    void itHasItsPlaceInTheTrace() {
        Marked none = marked(Trace.NONE);
        assertNull(none.marks().get("traceparent"));
        Marked passed = marked(Trace.passedOn(TraceParent.parse(PARENT, "a=1")));
        assertEquals(PARENT, passed.marks().get("traceparent"));
        assertEquals("a=1", passed.marks().get("tracestate"));
        int more = "traceparentString".length() + PARENT.length() + "tracestateStringa=1".length();
        assertEquals(none.bytes() + more, passed.bytes());
        Trace recorded = Trace.recorded(PARENT.substring(3, 35), Optional.empty());
        assertEquals(
                PARENT.substring(3, 35),
                marked(recorded).marks().get("traceparent").substring(3, 35));
    }
}
