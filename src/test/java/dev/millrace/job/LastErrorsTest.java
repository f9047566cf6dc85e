package dev.millrace.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class LastErrorsTest {
    private final Counters counters = new Counters();

    private LastErrors.Last last(Failure.Kind kind) {
        return counters.lastErrors().of(kind.wireName()).orElseThrow();
    }

    @Test
    void theLastOfEachKindIsKnown() {
        for (int i = 0; i < 100; i++) {
            counters.failed(
                    new Failure(Failure.Kind.CORRUPT_IMAGE, Stage.PREPROCESS, "broken " + i),
                    "https://h.example/" + i);
        }
        counters.again(Failure.Kind.FETCH_FAILED, "i.example", "answered 503");
        assertEquals("broken 99", last(Failure.Kind.CORRUPT_IMAGE).line());
        assertEquals("https://h.example/99", last(Failure.Kind.CORRUPT_IMAGE).where());
        assertEquals(100, counters.get(Failure.Kind.CORRUPT_IMAGE));
        assertEquals("answered 503", last(Failure.Kind.FETCH_FAILED).line());
        assertTrue(counters.lastErrors().of(Failure.Kind.POISON.wireName()).isEmpty());
    }

    @Test
    void nobodyMakesOneLarge() {
        counters.again(Failure.Kind.FETCH_FAILED, "h".repeat(1 << 20), "x".repeat(1 << 20));
        LastErrors.Last last = last(Failure.Kind.FETCH_FAILED);
        assertTrue(last.where().length() + last.line().length() < 4096);
        counters.again(Failure.Kind.FETCH_FAILED, null, null);
        assertEquals("", last(Failure.Kind.FETCH_FAILED).line());
    }
}
