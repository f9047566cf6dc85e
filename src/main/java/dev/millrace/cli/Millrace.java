package dev.millrace.cli;

import dev.millrace.bundle.BundleException;
import dev.millrace.cli.bench.BenchCommand;
import dev.millrace.cli.bench.BenchHelpers;
import dev.millrace.cli.bench.BenchWorker;
import dev.millrace.cli.demo.DemoCommand;
import dev.millrace.cli.engine.EngineCommand;
import dev.millrace.cli.supervise.SuperviseCommand;
import dev.millrace.cli.tune.TuneCommand;
import dev.millrace.cli.tune.TuneWorker;
import dev.millrace.gpu.DeviceException;
import dev.millrace.worker.ConfigException;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/**
 * The entry point. Exit codes: 0 done, 1 failed, 2 a mistake in the options or the configuration.
 */
@Command(
        name = "millrace",
        description = "A worker for computer-vision inference: a message in, a verdict out.",
        mixinStandardHelpOptions = true,
        versionProvider = Millrace.Version.class,
        subcommands = {
            DemoCommand.class,
            WorkerCommand.class,
            SuperviseCommand.class,
            SubmitCommand.class,
            DoctorCommand.class,
            EngineCommand.class,
            BenchCommand.class,
            BenchHelpers.class,
            BenchWorker.class,
            TuneCommand.class,
            TuneWorker.class
        })
public final class Millrace {
    /** It did not work, and the last line says why. */
    public static final int FAILED = 1;

    /** The user has to change something first. */
    public static final int MISTAKE = 2;

    Millrace() {}

    public static void main(String[] arguments) {
        System.exit(commands().execute(arguments));
    }

    /** The commands, with mistakes answered by one line. */
    static CommandLine commands() {
        CommandLine commands =
                new CommandLine(new Millrace()).setCaseInsensitiveEnumValuesAllowed(true);
        commands.setExecutionExceptionHandler(
                (failure, command, parsed) -> {
                    if (failure instanceof ConfigException || failure instanceof BundleException) {
                        command.getErr().println("millrace: " + failure.getMessage());
                        return MISTAKE;
                    }
                    if (failure instanceof DeviceException) {
                        command.getErr().println("millrace: " + failure.getMessage());
                        return FAILED;
                    }
                    command.getErr()
                            .println("millrace " + command.getCommandName() + ": " + failure);
                    if (System.getenv("MILLRACE_DEBUG") != null) {
                        failure.printStackTrace(command.getErr());
                    } else {
                        command.getErr().println("(set MILLRACE_DEBUG=1 for the stack trace)");
                    }
                    return FAILED;
                });
        return commands;
    }

    /** The version in the jar's manifest. */
    static final class Version implements CommandLine.IVersionProvider {
        @Override
        public String[] getVersion() {
            String version = Millrace.class.getPackage().getImplementationVersion();
            return new String[] {"millrace " + (version == null ? "(not packaged)" : version)};
        }
    }
}
