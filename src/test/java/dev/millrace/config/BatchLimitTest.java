package dev.millrace.config;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class BatchLimitTest {
    private static final Optional<Duration> NONE = Optional.empty();

    private static BatchLimit said(int seconds) {
        return new BatchLimit(Optional.of(Duration.ofSeconds(seconds)));
    }

    /** A hung GPU ends a worker whose operator said nothing of it. */
    @Test
    void aGpuHasALimitThatNobodyNames() {
        assertEquals(Optional.of(Duration.ofSeconds(30)), BatchLimit.DEFAULT.on(true));
        assertEquals(NONE, BatchLimit.DEFAULT.on(false));
    }

    @Test
    void whatTheOperatorSaysCountsEverywhere() {
        for (boolean gpu : new boolean[] {true, false}) {
            assertEquals(Optional.of(Duration.ofSeconds(5)), said(5).on(gpu));
            assertEquals(NONE, said(0).on(gpu));
        }
    }
}
