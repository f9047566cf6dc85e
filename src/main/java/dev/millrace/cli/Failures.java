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
        String said = oneLine(mistake.getMessage());
        String remedy = "; see " + name + " --help";
        if (mistake instanceof CommandLine.UnmatchedArgumentException unmatched) {
            String first = unmatched.getUnmatched().getFirst();
            List<String> suggestions = unmatched.getSuggestions();
            if (LABORATORY.contains(name + " " + first)) {
                said =
                        "'"
                                + first
                                + "' is a command of the laboratory, which is not installed here";
                remedy =
                        "; put millrace-lab.jar and lib-lab beside millrace.jar, or run it from a checkout";
            } else if (!suggestions.isEmpty()) {
                said += "; did you mean " + suggestions.getFirst() + "?";
            }
        }
        command.getErr().println(name + ": " + said + remedy);
        return Millrace.MISTAKE;
    }

    /** What a command threw, an error included. */
    static int answer(Throwable failure, CommandLine command) {
        Throwable known = known(failure);
        boolean debug = System.getenv("MILLRACE_DEBUG") != null;
        String name = command.getCommandSpec().qualifiedName() + ": ";
        if (known != null) {
            command.getErr().println("millrace: " + oneLine(known.getMessage()));
        } else if (debug) {
            command.getErr().println(name + failure);
        } else {
            String said = oneLine(deepest(failure).toString());
            command.getErr().println(name + said + " (MILLRACE_DEBUG=1 shows the stack trace)");
        }
        if (debug) {
            failure.printStackTrace(command.getErr());
        }
        return known == null || known instanceof DeviceException
                ? Millrace.FAILED
                : Millrace.MISTAKE;
    }

    /** The first in the chain of causes whose message is made for the user, or null. */
    private static Throwable known(Throwable failure) {
        return switch (failure) {
            case null -> null;
            case ConfigException e -> e;
            case BundleException e -> e;
            case UnloadableLibraryException e -> e;
            case DeviceException e -> e;
            default -> known(failure.getCause());
        };
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
