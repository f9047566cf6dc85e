package dev.millrace.lab.tune;

import java.io.Console;
import java.util.Locale;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/** A progress bar on a terminal, a line per run elsewhere; both on standard error. */
final class TuneProgress implements AutoCloseable {
    private final int runs;
    private final ProgressBar bar;
    private int done;

    TuneProgress(int runs) {
        this.runs = runs;
        Console console = System.console();
        bar =
                console == null || !console.isTerminal()
                        ? null
                        : new ProgressBarBuilder()
                                .setTaskName("runs")
                                .setInitialMax(runs)
                                .setStyle(ProgressBarStyle.ASCII)
                                .setUpdateIntervalMillis(200)
                                .build();
    }

    /** The same, and shows each run. */
    Search.Meter watched(Search.Meter meter) {
        return setting -> {
            if (bar != null) {
                bar.setExtraMessage(" " + setting.key());
            }
            Measurement run = meter.measure(setting);
            done++;
            if (bar != null) {
                bar.step();
            } else {
                System.err.println(line(run));
            }
            return run;
        };
    }

    private String line(Measurement run) {
        return String.format(
                Locale.ROOT,
                "run %d of %d, %s: %.1f images/s, %.0f ms, %s",
                done,
                runs,
                run.setting().key(),
                run.imagesPerSecond(),
                run.latencyMs(),
                run.limitedBy());
    }

    @Override
    public void close() {
        if (bar != null) {
            bar.close();
        }
    }
}
