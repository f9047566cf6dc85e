package dev.millrace.lab.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.cli.Millrace;
import dev.millrace.cli.StatusLine;
import dev.millrace.config.ConfigException;
import dev.millrace.config.WorkerProfile;
import dev.millrace.lab.demo.OutputFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Measures the worker against slower ways to run it, on this machine. */
@Command(
        name = "bench",
        description = "Measure the same worker in five configurations on this machine.",
        mixinStandardHelpOptions = true,
        exitCodeListHeading = "Exit codes:%n",
        exitCodeList = {
            "0:the figures were measured",
            "1:a message got no verdict",
            "2:a mistake in the options"
        })
public final class BenchCommand implements Callable<Integer> {
    /** Images per second while the queue alone is measured. */
    private static final double FLOOR_RATE = 200;

    @Mixin private BenchSettings settings;

    @Mixin private ServeOptions serve;

    @Option(
            names = "--configurations",
            paramLabel = "NAME",
            split = ",",
            description =
                    "Configurations to measure, in this order (default: all, or none with --curves).")
    private List<Configuration> configurations;

    @Option(
            names = "--curves",
            description = "Measure latency against load as well, for both profiles.")
    private boolean curves;

    @Option(
            names = "--world",
            description =
                    "Measure millrace in the surroundings that users have, beside the laboratory's,"
                            + " and nothing else. These have options of their own; of the others those for"
                            + " the photos, for times and for the worker count.")
    private boolean world;

    @Option(
            names = "--markdown",
            paramLabel = "FILE",
            description =
                    "File that the table of --world is written to; in a file that has its two"
                            + " marks, between them (default: none).")
    private Optional<Path> markdown = Optional.empty();

    @Option(
            names = "--rounds",
            paramLabel = "N",
            defaultValue = "1",
            description =
                    "Rounds in which everything is measured; the median counts (default:"
                            + " ${DEFAULT-VALUE}).")
    private int rounds;

    @Option(
            names = "--worker-opts",
            paramLabel = "FLAGS",
            defaultValue = "",
            description = "Flags for the worker's JVM, such as -Xmx512m (default: none).")
    private String workerFlags;

    @Option(
            names = "--json",
            paramLabel = "FILE",
            description = "File that all figures are written to, as JSON (default: none).")
    private Optional<Path> json = Optional.empty();

    @Option(
            names = "--html",
            paramLabel = "FILE",
            description = "File that the report is written to, as a web page (default: none).")
    private Optional<Path> html = Optional.empty();

    @Option(
            names = "--png",
            paramLabel = "FILE",
            description = "File that the charts are written to, as a picture (default: none).")
    private Optional<Path> png = Optional.empty();

    @Option(
            names = "--from",
            paramLabel = "FILE",
            description =
                    "File of --json to show again, without measuring anything (default: none).")
    private Optional<Path> from = Optional.empty();

    @Override
    public Integer call() throws Exception {
        try {
            return measureAndWrite();
        } catch (ChildJvm.MistakeException e) {
            // It has said what is wrong.
            return Millrace.MISTAKE;
        }
    }

    private int measureAndWrite() throws IOException {
        checkOutputs();
        serve.requireWanted();
        if (serve.wanted) {
            check();
            return measureCallers(new ServeRuns(settings, serve, rounds, workerFlags()));
        }
        if (world) {
            return write(from.isPresent() ? World.read(read(from.get())) : measureWorld());
        }
        return write(from.isPresent() ? Results.read(read(from.get())) : measure());
    }

    private int measureCallers(ServeRuns runs) throws IOException {
        if (serve.besideQueue.isEmpty()) {
            return write(runs.measure());
        }
        ServeBesideQueue measured = runs.measureBesideQueue(serve.besideQueue.get());
        measured.print(System.out);
        if (json.isPresent()) {
            ObjectNode root = settings.serveJson(serve, rounds).objectNode();
            root.set("machine", Machine.json());
            root.set("settings", settings.serveJson(serve, rounds));
            write(json.get(), measured.json(root).toPrettyString());
        }
        return measured.failures() == 0 ? 0 : 1;
    }

    private static JsonNode read(Path file) {
        try {
            return new ObjectMapper().readTree(file.toFile());
        } catch (IOException e) {
            throw new ConfigException(
                    "--from: '" + file + "' is not a file that --json wrote; name one");
        }
    }

    private Results measure() throws IOException {
        if (configurations == null) {
            configurations = curves ? List.of() : List.of(Configuration.values());
        }
        check();
        Map<Configuration, List<Run>> runs = new EnumMap<>(Configuration.class);
        try (TimeLeft left = timeLeft();
                ConfigurationRuns runner = new ConfigurationRuns(settings, workerFlags())) {
            for (int round = 1; round <= rounds; round++) {
                for (Configuration configuration : configurations) {
                    left.doing(BenchTable.round(round, rounds, configuration.label()));
                    Run run = runner.run(configuration, round);
                    runs.computeIfAbsent(configuration, _ -> new ArrayList<>()).add(run);
                    left.next(BenchTable.progress(run, rounds));
                }
            }
            JsonNode floor = curves ? queueFloor(runner, left) : Run.NONE;
            List<Curve> measured = curves ? curves(runner, left) : List.of();
            return new Results(Machine.json(), settings.json(), summaries(runs), floor, measured);
        }
    }

    private World measureWorld() throws IOException {
        check();
        return new WorldRuns(settings, rounds, workerFlags()).measure();
    }

    private List<String> workerFlags() {
        return workerFlags.isBlank() ? List.of() : List.of(workerFlags.strip().split("\\s+"));
    }

    private TimeLeft timeLeft() {
        List<Duration> steps =
                new ArrayList<>(
                        Collections.nCopies(rounds * configurations.size(), settings.plannedRun()));
        if (curves) {
            steps.add(settings.plannedQueueFloor());
            steps.addAll(Collections.nCopies(2, settings.plannedCurve()));
        }
        return new TimeLeft(StatusLine.onError(), "about", steps);
    }

    private static JsonNode queueFloor(ConfigurationRuns runner, TimeLeft left) throws IOException {
        left.doing("the queue alone");
        JsonNode floor = runner.queueFloor(FLOOR_RATE);
        left.next(BenchPage.floor(floor));
        return floor;
    }

    /** The capacity is one, so that the same load is the same rate. */
    private static List<Curve> curves(ConfigurationRuns runner, TimeLeft left) throws IOException {
        Curve throughput = curve(runner, left, WorkerProfile.THROUGHPUT, OptionalDouble.empty());
        OptionalDouble capacity = OptionalDouble.of(throughput.capacity());
        return List.of(throughput, curve(runner, left, WorkerProfile.LATENCY, capacity));
    }

    private static Curve curve(
            ConfigurationRuns runner, TimeLeft left, WorkerProfile profile, OptionalDouble capacity)
            throws IOException {
        left.doing("the curve of the profile " + profile.label());
        Curve curve = runner.curve(profile, capacity);
        left.next(
                String.format(
                        Locale.ROOT,
                        "profile %s: 100 %% load is %.1f images/s",
                        profile.label(),
                        curve.capacity()));
        return curve;
    }

    private void check() {
        if (markdown.isPresent() && !world) {
            throw new ConfigException(
                    "--markdown: only --world has a table for it; add --world, or leave"
                            + " --markdown out");
        }
        if (rounds < 1) {
            throw new ConfigException("--rounds: '" + rounds + "' must be at least 1");
        }
        settings.check();
        serve.check();
    }

    private void checkOutputs() {
        OutputFile.require("--json", json);
        OutputFile.require("--html", html);
        OutputFile.require("--png", png);
        OutputFile.require("--markdown", markdown);
    }

    private List<Summary> summaries(Map<Configuration, List<Run>> runs) {
        return configurations.stream()
                .distinct()
                .map(configuration -> new Summary(configuration, runs.get(configuration)))
                .toList();
    }

    private int write(World measured) throws IOException {
        measured.print(System.out);
        if (json.isPresent()) {
            write(json.get(), measured.json().toPrettyString());
        }
        if (markdown.isPresent()) {
            GeneratedPart.write(markdown.get(), measured.markdown());
        }
        return measured.errors() == 0 ? 0 : 1;
    }

    private int write(ServeResults measured) throws IOException {
        measured.print(System.out);
        if (json.isPresent()) {
            write(json.get(), measured.json().toPrettyString());
        }
        return measured.failures().isEmpty() ? 0 : 1;
    }

    private int write(Results results) throws IOException {
        BenchTable.print(System.out, results);
        if (json.isPresent()) {
            write(json.get(), results.json().toPrettyString());
        }
        if (html.isPresent()) {
            write(html.get(), BenchPage.html(results));
        }
        if (png.isPresent()) {
            BenchCharts.png(results, png.get());
        }
        return results.errors() == 0 ? 0 : 1;
    }

    private static void write(Path file, String text) throws IOException {
        Files.writeString(file, text + System.lineSeparator());
    }
}
