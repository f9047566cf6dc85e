package dev.millrace.cli;

import java.io.Console;
import java.io.PrintWriter;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/** A progress bar on a terminal, a line now and then elsewhere. */
final class BuildProgress implements BiConsumer<String, Double>, AutoCloseable {
    private static final long LINE_NS = TimeUnit.SECONDS.toNanos(5);
    private static final int PERCENT = 100;

    private final PrintWriter out;
    private final ProgressBar bar;
    private long lastLineNs = System.nanoTime();

    BuildProgress(PrintWriter out) {
        this.out = out;
        Console console = System.console();
        bar =
                console == null || !console.isTerminal()
                        ? null
                        : new ProgressBarBuilder()
                                .setTaskName("plan")
                                .setInitialMax(PERCENT)
                                .setStyle(ProgressBarStyle.ASCII)
                                .hideEta()
                                .build();
    }

    @Override
    public void accept(String phase, Double done) {
        int percent = (int) (PERCENT * done);
        if (bar != null) {
            bar.stepTo(percent);
            bar.setExtraMessage(" " + phase);
        } else if (System.nanoTime() - lastLineNs > LINE_NS) {
            lastLineNs = System.nanoTime();
            out.println("  " + percent + " %, " + phase);
            out.flush();
        }
    }

    @Override
    public void close() {
        if (bar != null) {
            bar.close();
        }
    }
}
