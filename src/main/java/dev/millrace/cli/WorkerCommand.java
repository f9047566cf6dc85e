package dev.millrace.cli;

import dev.millrace.cli.supervise.CrashReports;
import dev.millrace.worker.ConfigReader;
import dev.millrace.worker.Profile;
import dev.millrace.worker.Worker;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
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
                    + " notice or a request",
            "1:the device was lost, or a stage died or stood still; all was given back at once. Or not"
                    + " everything could be given back",
            "2:a mistake in the options or the configuration"
        })
final class WorkerCommand implements Callable<Integer> {
    /** Leaves a margin before the 30 s after which most platforms kill. */
    private static final Duration DRAIN = Duration.ofSeconds(15);

    private static final Duration GIVE_BACK = Duration.ofMillis(1500);

    private static final Duration GIVE_BACK_AFTER_FAULT = Duration.ofSeconds(5);

    @Option(
            names = {"-c", "--config"},
            required = true,
            paramLabel = "FILE",
            description =
                    "YAML; see docs/configuration.md. MILLRACE_QUEUE_URL overrides queue.url, and so on.")
    private Path config;

    @Option(
            names = "--trace",
            paramLabel = "FILE",
            description = "Write a timeline of lanes and threads, for ui.perfetto.dev.")
    private Optional<Path> trace = Optional.empty();

    @Option(
            names = "--profile",
            paramLabel = "PROFILE",
            description = "throughput or latency, before the configuration's 'profile'.")
    private Optional<Profile> profile = Optional.empty();

    @Override
    public Integer call() throws Exception {
        pruneCrashReports();
        Map<String, String> environment = new HashMap<>(System.getenv());
        trace.ifPresent(
                file -> environment.put("MILLRACE_TRACE", file.toAbsolutePath().toString()));
        profile.ifPresent(chosen -> environment.put("MILLRACE_PROFILE", chosen.label()));
        Worker worker = Worker.start(ConfigReader.read(config, environment));
        CompletableFuture<Integer> end = new CompletableFuture<>();
        // Not on the thread that failed: it may be one of those that give back.
        worker.fault()
                .thenRunAsync(
                        () -> giveBack(worker, GIVE_BACK_AFTER_FAULT, Millrace.FAILED),
                        task -> Thread.ofPlatform().name("fault").start(task));
        worker.drainRequest().thenRun(() -> end.complete(0));
        Signals.listen(
                count -> {
                    if (count == 1) {
                        end.complete(0);
                    } else {
                        giveBack(worker, GIVE_BACK, 0);
                    }
                });
        int exitCode = end.join();
        try {
            worker.drain(DRAIN);
            worker.close();
        } catch (RuntimeException e) {
            System.err.println("millrace worker: the drain failed: " + e);
            exitCode = Millrace.FAILED;
        }
        return exitCode;
    }

    /** Where the worker is started again by other than a supervisor, nobody else does. */
    private static void pruneCrashReports() {
        CrashReports.of(ManagementFactory.getRuntimeMXBean().getInputArguments())
                .ifPresent(
                        reports -> {
                            try {
                                reports.prune();
                            } catch (IOException e) {
                                System.err.println("millrace worker: old crash reports stay: " + e);
                            }
                        });
    }

    /** Ends the process without waiting for what is in flight, nor for a drain that runs. */
    private static void giveBack(Worker worker, Duration timeout, int exitCodeOfSuccess) {
        int exitCode = Millrace.FAILED;
        try {
            exitCode = worker.giveBack(timeout) ? exitCodeOfSuccess : Millrace.FAILED;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            System.out.flush();
            Runtime.getRuntime().halt(exitCode);
        }
    }
}
