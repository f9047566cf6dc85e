package dev.millrace.deadletters;

import ch.qos.logback.classic.AsyncAppender;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.util.LogbackMDCAdapter;
import ch.qos.logback.core.rolling.FixedWindowRollingPolicy;
import ch.qos.logback.core.rolling.RollingFileAppender;
import ch.qos.logback.core.rolling.SizeBasedTriggeringPolicy;
import ch.qos.logback.core.status.Status;
import ch.qos.logback.core.util.Duration;
import ch.qos.logback.core.util.FileSize;
import dev.millrace.job.LimitedLog;
import java.nio.file.Path;
import java.util.List;
import org.slf4j.LoggerFactory;

/**
 * The lines of messages that were given back, in a file of 8 MiB and the one before it. A thread of
 * its own writes them; where the disk is full, or slower than the lines come, lines are lost and
 * nobody waits. It is a logger with a context of its own, since logback has all of that.
 */
final class GivenBackFile implements AutoCloseable {
    private static final String NAME = "given-back";
    private static final long MAX_BYTES = 8L << 20;
    private static final int MAX_WAITING = 4096;

    private final LimitedLog failures =
            new LimitedLog(LoggerFactory.getLogger(GivenBackFile.class));
    private final LoggerContext context = new LoggerContext();
    private final Logger lines = context.getLogger(NAME);

    /** Its files, the older one first. */
    static List<Path> in(Path folder) {
        return List.of(folder.resolve(NAME + ".1.jsonl"), folder.resolve(NAME + ".jsonl"));
    }

    GivenBackFile(Path folder) {
        this(folder, MAX_BYTES);
    }

    /**
     * @param maxBytes of a file, or a little more
     */
    GivenBackFile(Path folder, long maxBytes) {
        Path newest = in(folder).getLast();
        // An event asks for it when it is handed to another thread.
        context.setMDCAdapter(new LogbackMDCAdapter());
        context.getStatusManager()
                .add(
                        status -> {
                            if (status.getLevel() >= Status.WARN) {
                                failures.warn(
                                        newest
                                                + " cannot be written, and does without lines: "
                                                + LimitedLog.plain(status.getMessage()));
                            }
                        });
        RollingFileAppender<ILoggingEvent> file = file(newest, folder, maxBytes);
        AsyncAppender async = new AsyncAppender();
        async.setContext(context);
        async.setName(NAME);
        async.setQueueSize(MAX_WAITING);
        async.setDiscardingThreshold(0);
        async.setNeverBlock(true);
        async.addAppender(file);
        async.start();
        lines.addAppender(async);
    }

    private RollingFileAppender<ILoggingEvent> file(Path newest, Path folder, long maxBytes) {
        RollingFileAppender<ILoggingEvent> file = new RollingFileAppender<>();
        file.setContext(context);
        file.setName(NAME);
        file.setFile(newest.toString());

        FixedWindowRollingPolicy one = new FixedWindowRollingPolicy();
        one.setContext(context);
        one.setParent(file);
        one.setFileNamePattern(folder.resolve(NAME) + ".%i.jsonl");
        one.setMinIndex(1);
        one.setMaxIndex(1);
        one.start();
        file.setRollingPolicy(one);

        SizeBasedTriggeringPolicy<ILoggingEvent> size = new SizeBasedTriggeringPolicy<>();
        size.setContext(context);
        size.setMaxFileSize(new FileSize(maxBytes));
        // The default of a minute is many times the size in an outage.
        size.setCheckIncrement(Duration.buildByMilliseconds(100));
        size.start();
        file.setTriggeringPolicy(size);

        PatternLayoutEncoder encoder = new PatternLayoutEncoder();
        encoder.setContext(context);
        encoder.setPattern("%msg%n");
        encoder.start();
        file.setEncoder(encoder);
        file.start();
        return file;
    }

    void write(String line) {
        lines.info(line);
    }

    @Override
    public void close() {
        context.stop();
    }
}
