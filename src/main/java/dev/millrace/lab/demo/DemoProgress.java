package dev.millrace.lab.demo;

import dev.millrace.observe.Load;
import dev.millrace.observe.Snapshot;
import java.io.Console;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/** A progress bar on a terminal, a line now and then elsewhere. */
final class DemoProgress implements AutoCloseable {
    private static final long LINE_NS = TimeUnit.SECONDS.toNanos(2);

    private final ProgressBar bar;
    private long lastLineNs = System.nanoTime();

    DemoProgress(int messages) {
        Console console = System.console();
        bar =
                console == null || !console.isTerminal()
                        ? null
                        : new ProgressBarBuilder()
                                .setTaskName("images")
                                .setInitialMax(messages)
                                .setStyle(ProgressBarStyle.ASCII)
                                .hideEta()
                                .setUpdateIntervalMillis(100)
                                .build();
    }

    void show(int calledBack, Snapshot now, Load load) {
        String figures =
                String.format(
                        Locale.ROOT,
                        "%.1f images/s, %d in flight, batch %.1f",
                        calledBack / load.elapsedSeconds(),
                        now.inFlight(),
                        load.meanBatch());
        if (bar != null) {
            bar.stepTo(calledBack);
            bar.setExtraMessage(" " + figures);
        } else if (System.nanoTime() - lastLineNs > LINE_NS) {
            lastLineNs = System.nanoTime();
            System.out.println("  " + calledBack + " called back, " + figures);
        }
    }

    @Override
    public void close() {
        if (bar != null) {
            bar.close();
        }
    }
}
