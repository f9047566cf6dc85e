package dev.millrace.trace;

import dev.millrace.job.LimitedLog;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;
import org.slf4j.LoggerFactory;

/**
 * What the SDK says of itself, which uses the JDK's logging: one line each 5 s at most, without
 * stack traces, so that an endpoint that is down is said and fills no disk. Owns the SDK's logger
 * while it is open.
 */
final class ExporterLog extends Handler {
    /** Whoever asks for it must keep it. */
    private final Logger sdk = Logger.getLogger("io.opentelemetry");

    private final boolean toParents = sdk.getUseParentHandlers();
    private final LimitedLog lines = new LimitedLog(LoggerFactory.getLogger(Traces.class));
    private final SimpleFormatter formatter = new SimpleFormatter();

    ExporterLog() {
        setLevel(Level.WARNING);
        sdk.setUseParentHandlers(false);
        sdk.addHandler(this);
    }

    @Override
    public void publish(LogRecord event) {
        if (isLoggable(event)) {
            Throwable why = event.getThrown();
            lines.warn(
                    LimitedLog.plain(formatter.formatMessage(event))
                            + (why == null ? "" : " (" + LimitedLog.reason(why) + ")"));
        }
    }

    @Override
    public void flush() {}

    @Override
    public void close() {
        sdk.removeHandler(this);
        sdk.setUseParentHandlers(toParents);
    }
}
