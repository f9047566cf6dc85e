package dev.millrace.job;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.millrace.testing.LogLines;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** What is left out is counted, whether or not there is another line of its kind. */
class LimitedLogTest {
    private static final String NAME = "dev.millrace.test.limited";

    private final LimitedLog log = new LimitedLog(LoggerFactory.getLogger(NAME));

    private static long at(int seconds) {
        return TimeUnit.SECONDS.toNanos(seconds);
    }

    @Test
    void theNextLineCountsThem() {
        try (LogLines lines = new LogLines(NAME)) {
            for (int i = 0; i < 10; i++) {
                log.warn("line " + i, at(i), true);
            }
            assertEquals(
                    List.of("line 0", "line 5 (and 4 more since the last line)"), lines.lines());
        }
    }

    @Test
    void aBurstWithoutANextLineIsCountedToo() {
        try (LogLines lines = new LogLines(NAME)) {
            log.flush(at(0));
            for (int i = 0; i < 10; i++) {
                log.warn("line " + i, at(0), true);
            }
            log.flush(at(4));
            assertEquals(List.of("line 0"), lines.lines());
            log.flush(at(5));
            log.flush(at(10));
            assertEquals(
                    List.of("line 0", "line 9 (and 8 more since the last line)"), lines.lines());
            log.warn("line 10", at(20), true);
            assertEquals("line 10", lines.lines().getLast());
        }
    }
}
