package dev.millrace.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class HostLogTest {
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

    private final Logger logger = (Logger) LoggerFactory.getLogger("host-log-test");
    private final ListAppender<ILoggingEvent> lines = new ListAppender<>();
    private final HostLog log = new HostLog(logger);

    @BeforeEach
    void listen() {
        logger.setAdditive(false);
        lines.start();
        logger.addAppender(lines);
    }

    @AfterEach
    void stop() {
        logger.detachAppender(lines);
    }

    private List<String> said() {
        return lines.list.stream().map(ILoggingEvent::getFormattedMessage).toList();
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
                said());
    }

    @Test
    void aFewHostsThatFailTogetherAreAllHeardOf() {
        for (int i = 0; i < 8; i++) {
            log.warn("host-" + i, "down", SECOND + i);
        }
        assertEquals(8, lines.list.size());
    }

    @Test
    void manyHostsTogetherStayUnderALineASecond() {
        for (int i = 0; i < 100_000; i++) {
            log.warn("host-" + i, "down", i * SECOND / 1000);
        }
        assertTrue(lines.list.size() <= 109, lines.list.size() + " lines in 100 s");
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
