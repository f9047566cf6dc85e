package dev.millrace.cli;

import java.io.Console;
import java.time.Duration;
import java.util.function.Consumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/**
 * Shows a person how far a command is: a progress bar on a terminal, a line now and then elsewhere.
 * Used by one thread; owns the bar.
 */
public final class ProgressLine implements AutoCloseable {
    private final Consumer<String> lines;
    private final long everyNs;
    private final ProgressBar bar;
    private long lastLineNs = System.nanoTime();

    /**
     * @param what is counted, in a word
     * @param most of it
     * @param timeLeft whether the bar guesses it
     * @param every how often there is a line at most
     * @param lines takes them
     */
    public ProgressLine(
            String what, int most, boolean timeLeft, Duration every, Consumer<String> lines) {
        this.lines = lines;
        this.everyNs = every.toNanos();
        Console console = System.console();
        bar = console == null || !console.isTerminal() ? null : bar(what, most, timeLeft);
    }

    private static ProgressBar bar(String what, int most, boolean timeLeft) {
        ProgressBarBuilder bar =
                new ProgressBarBuilder()
                        .setTaskName(what)
                        .setInitialMax(most)
                        .setStyle(ProgressBarStyle.ASCII)
                        .setUpdateIntervalMillis(100);
        return timeLeft ? bar.build() : bar.hideEta().build();
    }

    /** On a terminal only: how much is done, and a few words beside it. */
    public void bar(int done, String beside) {
        if (bar != null) {
            bar.stepTo(done);
            bar.setExtraMessage(" " + beside);
        }
    }

    /** Elsewhere only, and not where there was one a short time ago. */
    public void line(String text) {
        if (bar == null && System.nanoTime() - lastLineNs >= everyNs) {
            lastLineNs = System.nanoTime();
            lines.accept(text);
        }
    }

    @Override
    public void close() {
        if (bar != null) {
            bar.close();
        }
    }
}
