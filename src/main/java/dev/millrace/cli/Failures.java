package dev.millrace.cli;

import dev.millrace.bundle.BundleException;
import dev.millrace.config.ConfigException;
import dev.millrace.gpu.DeviceException;
import dev.millrace.nativelib.UnloadableLibraryException;
import java.util.List;
import java.util.Set;
import picocli.CommandLine;

/** Answers whatever ends a command with one line on standard error and an exit code. */
final class Failures {
    /** Commands that are there only where the laboratory is. */
    private static final Set<String> LABORATORY =
            Set.of(
                    "millrace demo",
                    "millrace bench",
                    "millrace tune",
                    "millrace engine sweep",
                    "millrace engine overlap",
                    "millrace engine reload",
                    "millrace engine generate");

    private Failures() {}

    /** A mistake in the options. */
    static int answer(CommandLine.ParameterException mistake) {
        CommandLine command = mistake.getCommandLine();
        String name = command.getCommandSpec().qualifiedName();
        if (mistake instanceof CommandLine.UnmatchedArgumentException unmatched
                && LABORATORY.contains(name + " " + unmatched.getUnmatched().getFirst())) {
            command.getErr()
                    .println(
                            name
                                    + ": '"
                                    + unmatched.getUnmatched().getFirst()
                                    + "' is a command of the laboratory, which is not installed"
                                    + " here; put millrace-lab.jar and lib-lab beside millrace.jar,"
                                    + " or run it from a checkout");
            return Millrace.MISTAKE;
        }
        List<String> suggestions =
                mistake instanceof CommandLine.UnmatchedArgumentException unmatched
                        ? unmatched.getSuggestions()
                        : List.of();
        command.getErr()
                .println(
                        name
                                + ": "
                                + oneLine(mistake.getMessage())
                                + (suggestions.isEmpty()
                                        ? ""
                                        : "; did you mean " + suggestions.getFirst() + "?")
                                + "; see "
                                + name
                                + " --help");
        return Millrace.MISTAKE;
    }

    /** What a command threw, an error included. */
    static int answer(Throwable failure, CommandLine command) {
        Throwable known = known(failure);
        if (known != null) {
            command.getErr().println("millrace: " + oneLine(known.getMessage()));
        } else if (isDebug()) {
            command.getErr().println(command.getCommandSpec().qualifiedName() + ": " + failure);
        } else {
            command.getErr()
                    .println(
                            command.getCommandSpec().qualifiedName()
                                    + ": "
                                    + oneLine(deepest(failure).toString())
                                    + " (MILLRACE_DEBUG=1 shows the stack trace)");
        }
        if (isDebug()) {
            failure.printStackTrace(command.getErr());
        }
        return known == null || known instanceof DeviceException
                ? Millrace.FAILED
                : Millrace.MISTAKE;
    }

    private static boolean isDebug() {
        return System.getenv("MILLRACE_DEBUG") != null;
    }

    /** The first in the chain of causes whose message is made for the user, or null. */
    private static Throwable known(Throwable failure) {
        Throwable cause = failure;
        while (cause != null
                && !(cause instanceof ConfigException
                        || cause instanceof BundleException
                        || cause instanceof UnloadableLibraryException
                        || cause instanceof DeviceException)) {
            cause = cause.getCause();
        }
        return cause;
    }

    /** An initialiser that failed says nothing itself. */
    private static Throwable deepest(Throwable failure) {
        Throwable cause = failure;
        while (cause instanceof LinkageError && cause.getCause() != null) {
            cause = cause.getCause();
        }
        return cause;
    }

    private static String oneLine(String message) {
        return String.valueOf(message).strip().replaceAll("\\s*\\R\\s*", " ");
    }
}
