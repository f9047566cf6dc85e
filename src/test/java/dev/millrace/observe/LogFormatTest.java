package dev.millrace.observe;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.joran.JoranConfigurator;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.TimeZone;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

/** A line of a worker's log has a date that can be compared over machines. */
@Isolated("it changes the time zone of the process")
class LogFormatTest {
    /** The tests have a configuration of their own, so the worker's is read from its file. */
    private static String line(Instant when) throws Exception {
        LoggerContext context = new LoggerContext();
        JoranConfigurator reader = new JoranConfigurator();
        reader.setContext(context);
        reader.doConfigure(LogFormatTest.class.getResource("/logback.xml"));
        try {
            ConsoleAppender<ILoggingEvent> operator =
                    (ConsoleAppender<ILoggingEvent>)
                            context.getLogger("ROOT").getAppender("operator");
            assertEquals("System.err", operator.getTarget());
            LoggingEvent event = new LoggingEvent();
            event.setLoggerContext(context);
            event.setLoggerName("dev.millrace.worker.Worker");
            event.setLevel(Level.INFO);
            event.setMessage("ready");
            event.setInstant(when);
            return new String(operator.getEncoder().encode(event), StandardCharsets.UTF_8);
        } finally {
            context.stop();
        }
    }

    @Test
    void aLineBeginsWithItsDateInUtcWhereverTheMachineIs() throws Exception {
        TimeZone before = TimeZone.getDefault();
        try {
            TimeZone.setDefault(TimeZone.getTimeZone("Asia/Kolkata"));
            assertEquals(
                    "2026-11-27T16:56:01.123Z INFO  Worker: ready" + System.lineSeparator(),
                    line(Instant.parse("2026-11-27T16:56:01.123Z")));
        } finally {
            TimeZone.setDefault(before);
        }
    }
}
