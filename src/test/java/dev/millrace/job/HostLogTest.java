package dev.millrace.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.testing.LogLines;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class HostLogTest {
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

    private final LogLines lines = new LogLines("host-log-test");
    private final HostLog log = new HostLog(LoggerFactory.getLogger("host-log-test"));

    @AfterEach
    void stop() {
        lines.close();
    }

    @Test
    void eachHostIsHeardOfAndTheirUnsaidLinesAreCounted() {
        for (int second = 0; second < 10; second++) {
            log.warn("a", "a is down", second * SECOND);
            log.warn("a", "a is down", second * SECOND + 1);
            log.warn("b", "b is down", second * SECOND + SECOND / 2);
        }
        assertEquals(
                List.of(
                        "a is down",
                        "b is down",
                        "a is down (and 9 more since the last line)",
                        "b is down (and 4 more since the last line)"),
                lines.lines());
    }

    @Test
    void aFewHostsThatFailTogetherAreAllHeardOf() {
        for (int i = 0; i < 8; i++) {
            log.warn("host-" + i, "down", SECOND + i);
        }
        assertEquals(8, lines.lines().size());
    }

    @Test
    void manyHostsTogetherStayUnderALineASecond() {
        for (int i = 0; i < 100_000; i++) {
            log.warn("host-" + i, "down", i * SECOND / 1000);
        }
        assertTrue(lines.lines().size() <= 109, lines.lines().size() + " lines in 100 s");
    }

    @Test
    void aReasonIsOnePlainShortLine() {
        assertEquals(
                "IllegalStateException: a",
                LimitedLog.reason(new IllegalStateException("a\nb\rc")));
        assertEquals("a?b?c", LimitedLog.plain("a\u0007b\ud800c"));
        assertEquals(301, LimitedLog.plain("x".repeat(9999)).length());
    }
}
