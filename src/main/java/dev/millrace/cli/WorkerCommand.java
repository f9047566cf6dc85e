package dev.millrace.cli;

import dev.millrace.config.ConfigReader;
import dev.millrace.config.WorkerProfile;
import dev.millrace.worker.Worker;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Runs a worker until SIGTERM or a fault. */
@Command(
        name = "worker",
        description = "Work on a queue until SIGTERM, then drain.",
        mixinStandardHelpOptions = true,
        exitCodeListHeading = "Exit codes:%n",
        exitCodeList = {
            "0:drained after SIGTERM or SIGINT (a second one gives everything back at once), a spot"
                    + " notice or a request; or stopped before it was ready",
            "1:the device was lost, or a thread ended or stood still, and everything was given back;"
                    + " or not everything could be given back",
            "2:a mistake in the options or the configuration, or a GPU that is there and cannot be"
                    + " used"
        })
final class WorkerCommand implements Callable<Integer> {
    @Option(
            names = {"-c", "--config"},
            required = true,
            paramLabel = "FILE",
            description =
                    "Configuration in YAML; docs/configuration.md has its keys, and an environment"
                            + " variable for each, such as MILLRACE_QUEUE_URL for queue.url. Required.")
    private Path config;

    @Option(
            names = "--trace",
            paramLabel = "FILE",
            description =
                    "File that a timeline of lanes and threads is written to, for ui.perfetto.dev"
                            + " (default: trace of the configuration, else none).")
    private Optional<Path> trace = Optional.empty();

    @Option(
            names = "--profile",
            paramLabel = "PROFILE",
            description =
                    "What the worker is tuned for: throughput or latency (default: profile of the"
                            + " configuration, else throughput).")
    private Optional<WorkerProfile> profile = Optional.empty();

    @Override
    public Integer call() throws Exception {
        // Where it is started again by other than a supervisor, nobody else does.
        CrashReports.of(ManagementFactory.getRuntimeMXBean().getInputArguments())
                .ifPresent(WorkerCommand::prune);
        Map<String, String> environment = new HashMap<>(System.getenv());
        trace.ifPresent(
                file -> environment.put("MILLRACE_TRACE", file.toAbsolutePath().toString()));
        profile.ifPresent(chosen -> environment.put("MILLRACE_PROFILE", chosen.label()));
        return WorkerLife.run(() -> Worker.load(ConfigReader.read(config, environment)), _ -> {});
    }

    private static void prune(CrashReports reports) {
        try {
            reports.prune();
        } catch (IOException e) {
            System.err.println("millrace worker: old crash reports cannot be deleted: " + e);
        }
    }
}
