package dev.millrace.cli;

import dev.millrace.batch.Queueless;
import dev.millrace.config.ConfigException;
import dev.millrace.config.Serving;
import dev.millrace.config.StatusAccess;
import dev.millrace.config.WorkerConfig;
import dev.millrace.config.WorkerProfile;
import dev.millrace.gpu.host.SimulatedCost;
import dev.millrace.serve.ServeSettings;
import dev.millrace.worker.Worker;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Answers callers who send an image and wait for its verdict, without any queue. */
@Command(
        name = "serve",
        description =
                "Answer callers who send an image and wait for its verdict, by the Open Inference"
                        + " Protocol, without a queue, until SIGTERM.",
        mixinStandardHelpOptions = true,
        exitCodeListHeading = "Exit codes:%n",
        exitCodeList = {
            "0:ended after SIGTERM or SIGINT, when all requests were answered; or stopped before it"
                    + " was ready",
            "1:the device was lost, or a thread ended or stood still",
            "2:a mistake in the options or the configuration, or a GPU that is there and cannot be"
                    + " used"
        })
final class ServeCommand implements Callable<Integer> {
    @Option(
            names = "--models",
            split = ",",
            paramLabel = "FOLDER",
            description =
                    "Folders of models, such as engines/safety; each serves the task that is called"
                            + " like it (default: those of --config).")
    private List<Path> folders = List.of();

    @Option(
            names = {"-c", "--config"},
            paramLabel = "FILE",
            description =
                    "Configuration of a worker, of which all holds but the queue (default: none).")
    private Optional<Path> config = Optional.empty();

    @Option(
            names = "--port",
            paramLabel = "PORT",
            description =
                    "Port that callers use; 0 for any free one (default: serve.port of the"
                            + " configuration, else 8000).")
    private Optional<Integer> port = Optional.empty();

    @Option(
            names = "--bind",
            paramLabel = "ADDRESS",
            description =
                    "Address of this machine that callers use, and those who ask for metrics;"
                            + " 0.0.0.0 for all of them, where serve.token should ask for a token"
                            + " (default: serve.bind of the configuration, else 127.0.0.1).")
    private Optional<String> bind = Optional.empty();

    @Option(
            names = "--status-port",
            paramLabel = "PORT",
            description =
                    "Port of metrics and health, 0 for any free one (default: http.port of the"
                            + " configuration, else none).")
    private Optional<Integer> statusPort = Optional.empty();

    @Option(
            names = "--profile",
            paramLabel = "PROFILE",
            description =
                    "What the worker is tuned for: throughput or latency (default: profile of the"
                            + " configuration, else latency).")
    private Optional<WorkerProfile> profile = Optional.empty();

    @Option(
            names = "--simulate",
            paramLabel = "A,B",
            description =
                    "Simulated device, which takes A ms per batch and B ms per image and computes"
                            + " nothing (default: none).")
    private Optional<String> simulate = Optional.empty();

    @Spec private CommandSpec commandSpec;

    @Override
    public Integer call() throws Exception {
        WorkerConfig given = given();
        ServeSettings serve = serve(given);
        return WorkerLife.run(() -> Queueless.load(given, serve), worker -> say(worker, serve));
    }

    private WorkerConfig given() {
        WorkerConfig given = config.isPresent() ? configured(config.get()) : ofFolders();
        return given.with(
                draft -> {
                    statusPort.ifPresent(open -> draft.httpPort = Optional.of(open));
                    bind.ifPresent(
                            at ->
                                    draft.statusAccess =
                                            new StatusAccess(
                                                    at, draft.statusAccess.allowedHosts()));
                    if (simulate.isPresent()) {
                        draft.device =
                                WorkerConfig.DeviceChoice.of(
                                                WorkerConfig.DeviceChoice.Type.HOST,
                                                Optional.of(cost(simulate.get())))
                                        .withLanes(draft.device.lanes());
                    }
                });
    }

    private WorkerConfig configured(Path file) {
        if (!folders.isEmpty()) {
            throw new ConfigException(
                    "--config and --models are both given; list the models in one of them");
        }
        return ServedModels.of(file, profile);
    }

    private WorkerConfig ofFolders() {
        Map<String, Path> models = new TreeMap<>();
        for (Path folder : folders) {
            Path name = folder.toAbsolutePath().normalize().getFileName();
            if (name == null || models.put(name.toString(), folder) != null) {
                throw new ConfigException(
                        "--models: '%s' has no name of its own; name each folder once, and like its task"
                                .formatted(folder));
            }
        }
        if (models.isEmpty()) {
            throw new ConfigException(
                    "--models: missing; name the folders of the models, such as --models engines/safety");
        }
        return ServedModels.of("--models", models, profile.orElse(WorkerProfile.LATENCY));
    }

    private static SimulatedCost cost(String text) {
        try {
            return SimulatedCost.parse(text);
        } catch (IllegalArgumentException e) {
            throw new ConfigException("--simulate: " + e.getMessage());
        }
    }

    /** All of the worker is the callers'. */
    private ServeSettings serve(WorkerConfig given) {
        ServeSettings base =
                given.serve()
                        .orElseGet(
                                () ->
                                        Serving.of(
                                                DEFAULT_PORT,
                                                ServeSettings.LOOPBACK,
                                                1,
                                                given.fetch().limits()));
        return base.alone(port.orElse(base.port()), bind.orElse(base.bind()));
    }

    /** As Triton has it. */
    private static final int DEFAULT_PORT = 8000;

    private void say(Worker worker, ServeSettings serve) {
        PrintWriter out = commandSpec.commandLine().getOut();
        out.println(
                "serving at %s://%s:%d"
                        .formatted(
                                serve.tls().isPresent() ? "https" : "http",
                                serve.bind().contains(":")
                                        ? "[" + serve.bind() + "]"
                                        : serve.bind(),
                                worker.servePort().orElseThrow()));
        out.flush();
    }
}
