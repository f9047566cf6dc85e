package dev.millrace.lab.bench;

import dev.millrace.cli.StatusLine;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Measures all rows of the world in turn, round by round, each with a worker and helpers of its
 * own. Every second round goes backwards, so that a machine that gets slower hits none in
 * particular.
 */
final class WorldRuns {
    private final BenchSettings given;
    private final int rounds;
    private final List<String> workerFlags;

    /**
     * @param given of which what is around the worker does not count
     */
    WorldRuns(BenchSettings given, int rounds, List<String> workerFlags) {
        this.given = given;
        this.rounds = rounds;
        this.workerFlags = workerFlags;
    }

    World measure() throws IOException {
        Map<WorldRow, List<Run>> runs = new EnumMap<>(WorldRow.class);
        List<WorldRow> order = order();
        List<Duration> planned =
                order.stream().map(row -> row.settings(given).plannedRun()).toList();
        try (TimeLeft left = new TimeLeft(StatusLine.onError(), "about", planned)) {
            for (int i = 0; i < order.size(); i++) {
                WorldRow row = order.get(i);
                int round = 1 + i / WorldRow.values().length;
                left.doing(BenchTable.round(round, rounds, row.label()));
                Run run = runOrAgain(row, round, left);
                runs.computeIfAbsent(row, _ -> new ArrayList<>()).add(run);
                left.next(
                        String.format(
                                Locale.ROOT,
                                "%s: %.1f images/s, %.2f CPU-ms, %s",
                                BenchTable.round(round, rounds, row.label()),
                                run.imagesPerSecond(),
                                run.cpuMsPerImage(),
                                run.limitedBy()));
            }
        }
        return new World(Machine.json(), given.json().put("rounds", rounds), runs);
    }

    /** Of all rounds. */
    private List<WorldRow> order() {
        List<WorldRow> order = new ArrayList<>();
        for (int round = 1; round <= rounds; round++) {
            List<WorldRow> rows = List.of(WorldRow.values());
            order.addAll(round % 2 == 1 ? rows : rows.reversed());
        }
        return order;
    }

    /** One failure, such as a call that a busy machine does not answer in time, costs one run. */
    private Run runOrAgain(WorldRow row, int round, TimeLeft left) throws IOException {
        try {
            return run(row, round);
        } catch (IOException e) {
            left.line(row.label() + " failed and is measured again: " + e.getMessage());
            return run(row, round);
        }
    }

    private Run run(WorldRow row, int round) throws IOException {
        try (ConfigurationRuns runner = new ConfigurationRuns(row.settings(given), workerFlags)) {
            return runner.run(Configuration.MILLRACE, round);
        }
    }
}
