package dev.millrace.lab.tune;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A setting with which nothing comes through in time must not look like the fastest. */
class MeasuredRunsTest {
    private static final JsonNode NONE = stretch(0, 0);

    private static JsonNode stretch(int count, double p999) {
        return new ObjectMapper().createObjectNode().put("count", count).put("p99_9", p999);
    }

    private static double median(JsonNode... stretches) {
        return MeasuredRuns.median(List.of(stretches), "99.9", 5000);
    }

    @Test
    void aHiccupIsInOneStretchOnly() {
        assertEquals(90, median(stretch(5, 900), stretch(5, 80), stretch(5, 90)));
    }

    @Test
    void aStretchWithoutAMessageIsNoLatencyOfZero() {
        assertEquals(300, median(NONE, stretch(2, 300), NONE));
    }

    /** One slow setting must not end the tuning of all. */
    @Test
    void whereNothingCameThroughTheLatencyIsWhatWasWaited() {
        assertEquals(5000, median(NONE, NONE, NONE));
    }
}
