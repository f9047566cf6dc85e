package dev.millrace.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What W3C's Trace Context and X-Ray say, and what is passed on of it. */
class TraceParentTest {
    private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
    private static final String SPAN = "00f067aa0ba902b7";
    private static final String PARENT = "00-" + TRACE + "-" + SPAN + "-";

    private static Optional<String> header(String given) {
        return TraceParent.parse(given, null).map(TraceParent::header);
    }

    /** A version to come may say more behind what is known. */
    @ParameterizedTest
    @CsvSource({"00-%s-01", "00-%s-00", "00-%s-03", "cc-%s-01", "cc-%s-01-what-comes"})
    void aPlaceInATraceIsRead(String form) {
        String given = form.formatted(TRACE + "-" + SPAN);
        assertEquals(
                Optional.of("00" + given.substring(2, 55)), header(given), "as it is passed on");
    }

    @Test
    void flagsThatNobodyKnowsAreNotPassedOn() {
        assertEquals(Optional.of(PARENT + "02"), header(PARENT + "fe"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "x",
                "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
                "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
                "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
                "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7",
                "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-1",
                "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more",
                "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01\r\nX-Other: 1",
                "cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01.more",
                "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
            })
    void whatIsNoneIsLeftOut(String given) {
        assertEquals(Optional.empty(), header(given));
    }

    @Test
    void aStateThatCannotBeAHeaderIsLeftOutAlone() {
        assertEquals("a=1,b=2", TraceParent.parse(PARENT + "01", "a=1,b=2").get().state());
        for (String wrong : new String[] {"a=\r\nX-Other: 1", "ä=1", "", "a=" + "1".repeat(511)}) {
            assertEquals("", TraceParent.parse(PARENT + "01", wrong).get().state());
        }
    }

    @ParameterizedTest
    @CsvSource({
        "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1, true",
        "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=0, false",
        "Parent=53995c3f42cd8ad8; Root=1-5759e988-bd862e3fe1be46a994272793, false",
        "Self=x;Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1;Lineage=a:1, true"
    })
    void whatXRaySaysIsRead(String given, boolean sampled) {
        TraceParent place = TraceParent.ofAws(given).orElseThrow();
        assertEquals("5759e988bd862e3fe1be46a994272793", place.traceId());
        assertEquals("53995c3f42cd8ad8", place.spanId());
        assertEquals(sampled, place.isSampled());
        assertEquals(Optional.of(place), TraceParent.parse(place.header(), null));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "Root",
                "Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=1",
                "Root=5759e988bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1",
                "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=0000000000000000;Sampled=1",
                ";;=;==;Parent=;Root=="
            })
    void whatXRayWouldNotSayIsLeftOut(String given) {
        assertEquals(Optional.empty(), TraceParent.ofAws(given));
    }

    @Test
    void whoDoesNotRecordPassesOnWhatItGotUnlessItSaysOtherwise() {
        Optional<TraceParent> unsampled = TraceParent.parse(PARENT + "00", "a=1");
        assertEquals(unsampled, Trace.unrecorded(TRACE, unsampled).passedOn());
        Optional<TraceParent> sampled = TraceParent.parse(PARENT + "01", "a=1");
        assertEquals(sampled, Trace.passedOn(sampled).passedOn());
        TraceParent changed = Trace.unrecorded(TRACE, sampled).passedOn().orElseThrow();
        assertFalse(changed.isSampled());
        assertEquals(TRACE, changed.traceId());
        assertEquals("a=1", changed.state());
        assertNotEquals(SPAN, changed.spanId(), "whoever changes the flag has a place of its own");
        String id = TraceParent.newTraceId();
        TraceParent begun = Trace.unrecorded(id, Optional.empty()).passedOn().orElseThrow();
        assertEquals(Optional.of(begun), TraceParent.parse(begun.header(), null));
        assertEquals(id, begun.traceId());
    }

    @Test
    void eachRecordedCallHasAPlaceOfItsOwn() {
        Trace trace = Trace.recorded(TRACE, TraceParent.parse(PARENT + "01", null));
        TracedCalls calls = new TracedCalls(trace);
        assertEquals(Optional.empty(), calls.current());
        calls.begin();
        TraceParent first = calls.current().orElseThrow();
        calls.end(1, "503");
        calls.begin();
        calls.end(2, "");
        assertTrue(first.isSampled());
        assertEquals(TRACE, first.traceId());
        assertEquals(2, calls.ended().size());
        assertEquals(first.spanId(), calls.ended().getFirst().spanId());
        assertNotEquals(first.spanId(), calls.ended().getLast().spanId());
        for (int i = 0; i < 1000; i++) {
            calls.begin();
            calls.end(2, "503");
        }
        assertEquals(16, calls.ended().size(), "a message that is held for hours");
    }
}
