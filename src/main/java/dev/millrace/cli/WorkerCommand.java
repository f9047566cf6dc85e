package dev.millrace.cli;

import dev.millrace.worker.ConfigReader;
import dev.millrace.worker.Worker;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Runs a worker until SIGTERM or a fault. */
@Command(
        name = "worker",
        description = "Work on a queue until SIGTERM, then drain.",
        mixinStandardHelpOptions = true,
        exitCodeListHeading = "Exit codes:%n",
        exitCodeList = {
            "0:drained after SIGTERM or SIGINT",
            "1:the device was lost or a stage died; everything in flight was given back",
            "2:a mistake in the options or the configuration"
        })
final class WorkerCommand implements Callable<Integer> {
    /** Leaves a margin before the 30 s after which most platforms kill. */
    private static final Duration DRAIN = Duration.ofSeconds(15);

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

    @Override
    public Integer call() throws Exception {
        Map<String, String> environment = new HashMap<>(System.getenv());
        trace.ifPresent(
                file -> environment.put("MILLRACE_TRACE", file.toAbsolutePath().toString()));
        Worker worker = Worker.start(ConfigReader.read(config, environment));
        AtomicInteger exitCode = new AtomicInteger();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> end(worker, exitCode), "drain"));
        worker.fault().join();
        exitCode.set(Millrace.FAILED);
        return Millrace.FAILED;
    }

    /**
     * The hook decides the exit code: the JVM's own after SIGTERM is 143, which a platform takes
     * for a failure.
     */
    private static void end(Worker worker, AtomicInteger exitCode) {
        try {
            worker.drain(DRAIN);
            worker.close();
        } catch (InterruptedException | RuntimeException e) {
            System.err.println("millrace worker: the drain failed: " + e);
            exitCode.set(Millrace.FAILED);
        } finally {
            System.out.flush();
            Runtime.getRuntime().halt(exitCode.get());
        }
    }
}
