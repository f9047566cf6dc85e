package dev.millrace.lab.tune;

import java.io.PrintStream;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** The runs for a terminal, as bars. */
final class TuneTable {
    private static final int WIDTH = 40;

    private TuneTable() {}

    /**
     * A bar per setting, the fastest first; {@code x} in the place of {@code #} where the bound was
     * missed.
     */
    static void print(
            PrintStream out, List<Measurement> measured, Goal goal, Optional<Setting> chosen) {
        List<Measurement> medians =
                measured.stream()
                        .map(Measurement::setting)
                        .distinct()
                        .map(setting -> Choice.median(measured, setting))
                        .sorted(Comparator.comparingDouble(run -> -run.imagesPerSecond()))
                        .toList();
        double most = medians.getFirst().imagesPerSecond();
        out.printf(
                "%-12s %9s %8s  threads x batch x lanes x linger%n",
                "setting", "images/s", "p" + goal.percentile() + " ms");
        for (Measurement run : medians) {
            int length = (int) Math.round(WIDTH * run.imagesPerSecond() / most);
            out.printf(
                    Locale.ROOT,
                    "%-12s %9.1f %8.0f  %s%s%n",
                    run.setting().key(),
                    run.imagesPerSecond(),
                    run.latencyMs(),
                    (goal.kept(run) ? "#" : "x").repeat(Math.max(1, length)),
                    chosen.filter(run.setting()::equals).isPresent() ? " <- chosen" : "");
        }
    }
}
