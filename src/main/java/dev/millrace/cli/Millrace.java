package dev.millrace.cli;

import dev.millrace.nativelib.ResultOutput;
import dev.millrace.resource.Build;
import java.time.Duration;
import java.util.function.Consumer;
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
            WorkerCommand.class,
            SuperviseCommand.class,
            SubmitCommand.class,
            RunCommand.class,
            ServeCommand.class,
            DeadLettersCommand.class,
            DoctorCommand.class,
            EngineCommand.class,
            CommandLine.HelpCommand.class
        })
public final class Millrace {
    /** It did not work, and the last line says why. */
    public static final int FAILED = 1;

    /** The user has to change something first. */
    public static final int MISTAKE = 2;

    /** Of what runs when the process ends. */
    private static final Duration MAX_END = Duration.ofSeconds(10);

    Millrace() {}

    public static void main(String[] arguments) {
        run(commands(), arguments);
    }

    /** Runs a command and ends the process with its exit code. */
    public static void run(CommandLine commands, String[] arguments) {
        int code;
        try {
            // One line per message goes to a worker's standard output, for programs to read.
            if (arguments.length > 0 && arguments[0].equals("worker")) {
                ResultOutput.keep();
            }
            LogLevels.set(System.getenv(LogLevels.VARIABLE));
            code = commands.execute(arguments);
        } catch (Throwable e) {
            // An error, such as a class whose libraries do not load, passes by the handlers.
            code = Failures.answer(e, commands);
        }
        end(code);
    }

    /** Ends the process whatever threads it has, and whatever they still do. */
    private static void end(int code) {
        Thread.ofPlatform()
                .daemon()
                .name("end")
                .start(
                        () -> {
                            Ending.sleep(MAX_END);
                            Runtime.getRuntime().halt(code);
                        });
        System.exit(code);
    }

    /** The commands, with mistakes answered by one line. */
    public static CommandLine commands() {
        return commands(_ -> {});
    }

    /**
     * The commands and others, with mistakes answered by one line.
     *
     * @param others adds them
     */
    public static CommandLine commands(Consumer<CommandLine> others) {
        CommandLine commands = new CommandLine(new Millrace());
        others.accept(commands);
        HelpLayout.set(commands);
        return commands.setCaseInsensitiveEnumValuesAllowed(true)
                .setParameterExceptionHandler((mistake, _) -> Failures.answer(mistake))
                .setExecutionExceptionHandler(
                        (failure, command, _) -> Failures.answer(failure, command));
    }

    /** The version in the jar's manifest. */
    static final class Version implements CommandLine.IVersionProvider {
        @Override
        public String[] getVersion() {
            return new String[] {
                "millrace %s (%s)".formatted(Build.THIS.version(), Build.THIS.revision())
            };
        }
    }
}
