package dev.millrace.lab.tune;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.cli.Millrace;
import dev.millrace.cli.StatusLine;
import dev.millrace.config.ConfigException;
import dev.millrace.config.WorkerConfig;
import dev.millrace.lab.bench.ChildJvm;
import dev.millrace.lab.bench.Machine;
import dev.millrace.lab.bench.Millis;
import dev.millrace.lab.bench.TimeLeft;
import dev.millrace.lab.demo.OutputFile;
import dev.millrace.worker.Devices;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Looks for the settings that suit this machine, these models and a latency bound. */
@Command(
        name = "tune",
        description =
                "Find preprocess threads, batch, lanes and linger for this machine and these"
                        + " models in a few short runs, and write a configuration.",
        mixinStandardHelpOptions = true,
        exitCodeListHeading = "Exit codes:%n",
        exitCodeList = {
            "0:the configuration was written",
            "1:nothing that was tried keeps the bound, or a run failed",
            "2:a mistake in the options, the configuration or a bundle"
        })
public final class TuneCommand implements Callable<Integer> {
    private static final Set<String> PERCENTILES = Set.of("50", "90", "99", "99.9");
    private static final int MAX_RUNS = 16;
    private static final int MIN_RUNS = 4;

    @Mixin private TunedModels models;
    @Mixin private Traffic traffic;
    @Mixin private GridOptions gridOptions;

    @Option(
            names = "--latency-bound",
            paramLabel = "TIME",
            defaultValue = "200ms",
            converter = Millis.class,
            description =
                    "Time that a message may take from the queue to the callback, without the"
                            + " download (default: ${DEFAULT-VALUE}).")
    private Duration bound;

    @Option(
            names = "--percentile",
            paramLabel = "P",
            defaultValue = "99",
            description =
                    "Percentile of the messages that must keep the bound: 50, 90, 99 or 99.9"
                            + " (default: ${DEFAULT-VALUE}).")
    private String percentile;

    @Option(
            names = "--load",
            paramLabel = "PERCENT",
            defaultValue = "70",
            description =
                    "Percent of a setting's throughput at which its latency is measured (default:"
                            + " ${DEFAULT-VALUE}).")
    private int load;

    @Option(
            names = "--runs",
            paramLabel = "N",
            description = "Runs at most (default: a fifth of the settings, and no more than 16).")
    private Optional<Integer> runs = Optional.empty();

    @Option(
            names = "--exhaustive",
            description = "Run every setting once, and write no configuration.")
    private boolean exhaustive;

    @Option(
            names = "--compare",
            split = ",",
            paramLabel = "SETTING",
            description =
                    "Settings to run by turns, --rounds times each, such as 2x8x2x5ms,1x4x1x0ms; no"
                            + " configuration is written (default: none).")
    private List<String> compare = List.of();

    @Option(
            names = "--rounds",
            paramLabel = "N",
            defaultValue = "5",
            description = "Rounds of --compare (default: ${DEFAULT-VALUE}).")
    private int rounds;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FILE",
            description =
                    "File that the configuration is written to (default: X.tuned.yaml beside the"
                            + " configuration X.yaml, else tuned.yaml).")
    private Optional<Path> output = Optional.empty();

    @Option(names = "--force", description = "Replace the file of --output where it exists.")
    private boolean force;

    @Option(
            names = "--json",
            paramLabel = "FILE",
            description = "File that all runs are written to, as JSON (default: none).")
    private Optional<Path> json = Optional.empty();

    @Option(
            names = "--html",
            paramLabel = "FILE",
            description = "File that the report is written to, as a web page (default: none).")
    private Optional<Path> html = Optional.empty();

    @Override
    public Integer call() throws Exception {
        try {
            return tune();
        } catch (ChildJvm.MistakeException e) {
            return Millrace.MISTAKE;
        }
    }

    private int tune() throws IOException {
        Goal goal = goal();
        Grid grid = gridOptions.grid();
        traffic.check();
        OutputFile.require("--json", json);
        OutputFile.require("--html", html);
        WorkerConfig base = models.base();
        models.check(base);
        Devices.require(base.device());
        if (exhaustive || !compare.isEmpty()) {
            return sweep(base, goal, grid);
        }
        TunedFile file = TunedFile.of(output, models.config(), force);
        int cores = Runtime.getRuntime().availableProcessors();
        int most = runs(grid);
        Choice choice;
        try (TimeLeft left = timeLeft(most);
                MeasuredRuns runs = new MeasuredRuns(models, base, traffic, goal)) {
            left.doing("the device alone");
            Prior.Curve curve = runs.curve(grid.settings().getLast());
            Search search =
                    new Search(grid, goal, most, first -> Prior.of(first, cores, curve, goal));
            choice = search.run(grid.start(cores), watched(runs, most, left));
        }
        return report(choice, goal, grid, base, file);
    }

    private int report(Choice choice, Goal goal, Grid grid, WorkerConfig base, TunedFile file)
            throws IOException {
        List<String> reasons = new Reasons(choice, goal, grid.settings().size()).sentences();
        TuneReport report = new TuneReport(choice.measured(), goal, Optional.of(choice));
        report.print(System.out);
        System.out.println();
        reasons.forEach(System.out::println);
        write(report);
        if (html.isPresent()) {
            Files.writeString(html.get(), TunePage.html(report, reasons) + "\n");
        }
        if (!choice.kept()) {
            System.err.println(
                    "millrace tune: nothing that was tried keeps "
                            + Millis.text(bound)
                            + " at p"
                            + percentile
                            + ", so nothing is written; raise --latency-bound or lower --load");
            return Millrace.FAILED;
        }
        file.write(models.config(), base, choice.chosen(), reasons);
        System.out.println("written to " + file.path());
        return 0;
    }

    private int sweep(WorkerConfig base, Goal goal, Grid grid) throws IOException {
        List<Setting> order =
                compare.isEmpty() ? Sweeps.shuffled(grid, traffic.host().seed()) : compared();
        List<Measurement> measured;
        try (TimeLeft left = timeLeft(order.size());
                MeasuredRuns runs = new MeasuredRuns(models, base, traffic, goal)) {
            measured = Sweeps.run(order, watched(runs, order.size(), left));
        }
        TuneReport report = new TuneReport(measured, goal, Optional.empty());
        report.print(System.out);
        if (!compare.isEmpty()) {
            Sweeps.ratios(measured, order.getFirst()).forEach(System.out::println);
        }
        write(report);
        return 0;
    }

    /** The first run begins with the warm-up; a search may end before it has made all runs. */
    private TimeLeft timeLeft(int most) {
        List<Duration> steps = new ArrayList<>(Collections.nCopies(most, traffic.plannedRun()));
        steps.set(0, steps.getFirst().plus(traffic.compile));
        return new TimeLeft(StatusLine.onError(), "at most about", steps);
    }

    /** The same, and shows each run. */
    private static Search.Meter watched(Search.Meter meter, int most, TimeLeft left) {
        AtomicInteger done = new AtomicInteger();
        return setting -> {
            left.doing("run %d, %s".formatted(done.get() + 1, setting.key()));
            Measurement run = meter.measure(setting);
            left.next(
                    String.format(
                            Locale.ROOT,
                            "run %d of %d, %s: %.1f images/s, %.0f ms, %s",
                            done.incrementAndGet(),
                            most,
                            setting.key(),
                            run.imagesPerSecond(),
                            run.latencyMs(),
                            run.limitedBy()));
            return run;
        };
    }

    private List<Setting> compared() {
        if (rounds < 1) {
            throw new ConfigException("--rounds: '" + rounds + "' must be at least 1");
        }
        try {
            List<Setting> settings = compare.stream().map(Setting::parse).distinct().toList();
            settings.forEach(GridOptions::check);
            return Sweeps.inTurns(settings, rounds);
        } catch (IllegalArgumentException e) {
            throw new ConfigException("--compare: " + e.getMessage());
        }
    }

    private Goal goal() {
        if (!PERCENTILES.contains(percentile)) {
            throw new ConfigException(
                    "--percentile: '" + percentile + "' must be 50, 90, 99 or 99.9");
        }
        if (load < 1 || load > 95) {
            throw new ConfigException("--load: '" + load + "' must be from 1 to 95");
        }
        if (bound.isZero()) {
            throw new ConfigException("--latency-bound: must be more than 0");
        }
        return new Goal(bound, percentile, load / 100.0);
    }

    private int runs(Grid grid) {
        int settings = grid.settings().size();
        int wanted =
                runs.orElse(
                        Math.min(MAX_RUNS, Math.max(settings / 5, Math.min(MIN_RUNS, settings))));
        if (wanted < 1) {
            throw new ConfigException("--runs: '" + wanted + "' must be at least 1");
        }
        return wanted;
    }

    private void write(TuneReport report) throws IOException {
        if (json.isEmpty()) {
            return;
        }
        ObjectNode root = JsonNodeFactory.instance.objectNode();
        root.set("machine", Machine.json());
        ObjectNode settings = root.putObject("settings");
        traffic.json(settings);
        settings.put("latency_bound", Millis.text(bound));
        settings.put("percentile", percentile);
        settings.put("load_percent", load);
        report.choice()
                .ifPresent(
                        choice ->
                                root.put(
                                        choice.kept() ? "chosen" : "nearest",
                                        choice.chosen().key()));
        report.json(root.putArray("runs"));
        Files.writeString(json.get(), root.toPrettyString() + "\n");
    }
}
