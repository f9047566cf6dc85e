package dev.millrace.cli;

import java.time.Duration;
import java.util.function.Consumer;

/**
 * Shows a person how far a command is: a progress bar on a terminal, a line now and then elsewhere.
 * Used by one thread.
 */
public final class ProgressLine implements AutoCloseable {
    private final StatusLine status = StatusLine.onError();
    private final int most;
    private final long everyNs;
    private final Consumer<String> lines;
    private long lastLineNs = System.nanoTime();

    /**
     * @param most how much there is to do
     * @param every how often there is a line at most
     * @param lines takes them
     */
    public ProgressLine(int most, Duration every, Consumer<String> lines) {
        this.most = most;
        this.everyNs = every.toNanos();
        this.lines = lines;
    }

    /** On a terminal only: how much is done, and a few words beside it. */
    public void bar(int done, String beside) {
        status.show((double) done / most, beside);
    }

    /** Elsewhere only, and not where there was one a short time ago. */
    public void line(String text) {
        if (!status.redraws() && System.nanoTime() - lastLineNs >= everyNs) {
            lastLineNs = System.nanoTime();
            lines.accept(text);
        }
    }

    @Override
    public void close() {
        status.close();
    }
}
