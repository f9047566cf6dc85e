package dev.millrace.lab.tune;

import dev.millrace.config.ConfigException;
import dev.millrace.lab.bench.Millis;
import java.time.Duration;
import java.util.List;
import picocli.CommandLine.Option;

/** What may be chosen from. */
final class GridOptions {
    private static final int MAX_THREADS = 256;
    private static final int MAX_BATCH = 1024;
    private static final int MAX_LANES = 8;
    private static final Duration MAX_LINGER = Duration.ofSeconds(5);

    @Option(
            names = "--threads",
            split = ",",
            paramLabel = "N",
            description =
                    "Threads for preprocessing; each value is tried (default: half the cores, the"
                            + " cores, and one more).")
    private List<Integer> threads = List.of();

    @Option(
            names = "--batches",
            split = ",",
            paramLabel = "N",
            description = "Images in a batch at most; each value is tried (default: 1,4,8,16,32).")
    private List<Integer> batches = List.of();

    @Option(
            names = "--lanes",
            split = ",",
            paramLabel = "N",
            description = "Batches in flight; each value is tried (default: 1,2,3).")
    private List<Integer> lanes = List.of();

    @Option(
            names = "--lingers",
            split = ",",
            paramLabel = "TIME",
            converter = Millis.class,
            description =
                    "Time that a batch waits for more images; each value is tried (default:"
                            + " 0ms,2ms,5ms).")
    private List<Duration> lingers = List.of();

    /** Throws {@link ConfigException} with one line. */
    Grid grid() {
        Grid usual = Grid.of(Runtime.getRuntime().availableProcessors());
        Grid grid =
                new Grid(
                        threads.isEmpty() ? usual.threads() : threads,
                        batches.isEmpty() ? usual.batches() : batches,
                        lanes.isEmpty() ? usual.lanes() : lanes,
                        lingers.isEmpty() ? usual.lingers() : lingers);
        grid.settings().forEach(GridOptions::check);
        return grid;
    }

    /** Throws {@link ConfigException} for what no worker can be told. */
    static void check(Setting setting) {
        within("threads", setting.threads(), MAX_THREADS);
        within("batches", setting.batch(), MAX_BATCH);
        within("lanes", setting.lanes(), MAX_LANES);
        if (setting.linger().compareTo(MAX_LINGER) > 0) {
            throw new ConfigException(
                    "--lingers: '" + Millis.text(setting.linger()) + "' must be at most 5s");
        }
    }

    private static void within(String option, int value, int most) {
        if (value < 1 || value > most) {
            throw new ConfigException(
                    "--" + option + ": '" + value + "' must be from 1 to " + most);
        }
    }
}
