package dev.millrace.cli;

import dev.millrace.config.ConfigException;
import dev.millrace.config.ConfigReader;
import dev.millrace.nativelib.CacheFolder;
import dev.millrace.quarantine.StateDirectory;
import dev.millrace.resource.JvmCommand;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Unmatched;

/** Runs a worker in a process of its own and starts it again when it crashes. */
@Command(
        name = "supervise",
        description = {
            "Run a worker as `millrace worker` does, and start it again when it crashes.",
            "Other options are passed on to `millrace worker`."
        },
        mixinStandardHelpOptions = true,
        exitCodeListHeading = "Exit codes:%n",
        exitCodeList = {
            "0:the worker drained and ended, after SIGTERM or SIGINT, or by itself",
            "1:the worker could not end well when it was told to",
            "2:a mistake in the options or the configuration"
        })
public final class SuperviseCommand implements Callable<Integer> {
    @Option(
            names = {"-c", "--config"},
            required = true,
            paramLabel = "FILE",
            description =
                    "Configuration of the worker. Its state.directory holds the crash journal and"
                            + " the JVM's reports; without that key they are in $XDG_STATE_HOME/millrace or"
                            + " ~/.local/state/millrace. Required.")
    private Path config;

    @Unmatched private List<String> others = new ArrayList<>();

    @Override
    public Integer call() throws Exception {
        Path folder = stateDirectory(config);
        try (StateDirectory state = open(folder)) {
            CrashReports reports = CrashReports.in(folder);
            Supervisor supervisor =
                    new Supervisor(state, reports, restarts -> command(folder, reports, restarts));
            Signals.listen(_ -> supervisor.terminate());
            return supervisor.run();
        }
    }

    /** Where a supervised worker leaves what the next one must know. */
    static Path stateDirectory(Path config) {
        return ConfigReader.stateDirectory(config, System.getenv())
                .orElseGet(
                        () -> defaultDirectory(System.getenv(), System.getProperty("user.home")));
    }

    private static StateDirectory open(Path folder) {
        try {
            return StateDirectory.open(folder, "supervisor");
        } catch (IOException e) {
            throw new ConfigException("state.directory: " + e.getMessage());
        }
    }

    static Path defaultDirectory(Map<String, String> environment, String home) {
        String shared = environment.getOrDefault("XDG_STATE_HOME", "");
        Path states =
                shared.isBlank() ? CacheFolder.home(home).resolve(".local/state") : Path.of(shared);
        return states.resolve("millrace");
    }

    private ProcessBuilder command(Path folder, CrashReports reports, int restarts) {
        List<String> flags = new ArrayList<>();
        flags.add(reports.flag());
        Optional.ofNullable(System.getenv("JAVA_OPTS"))
                .filter(options -> !options.isBlank())
                .ifPresent(options -> flags.addAll(List.of(options.strip().split("\\s+"))));
        List<String> arguments = new ArrayList<>(List.of("worker", "--config", config.toString()));
        arguments.addAll(others);
        ProcessBuilder builder =
                new ProcessBuilder(JvmCommand.of(flags, Millrace.class.getName(), arguments));
        builder.environment().put("MILLRACE_STATE_DIRECTORY", folder.toAbsolutePath().toString());
        builder.environment().put("MILLRACE_STATE_RESTARTS", Integer.toString(restarts));
        return builder;
    }
}
