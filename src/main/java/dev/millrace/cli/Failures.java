package dev.millrace.cli;

import dev.millrace.bundle.BundleException;
import dev.millrace.config.ConfigException;
import dev.millrace.gpu.DeviceException;
import dev.millrace.nativelib.UnloadableLibraryException;
import dev.millrace.resource.SafeText;
import picocli.CommandLine;

/** Answers whatever ends a command with one line on standard error and an exit code. */
final class Failures {
    private Failures() {}

    /** A mistake in the options. */
    static int answer(CommandLine.ParameterException mistake) {
        mistake.getCommandLine().getErr().println(UsageMistakes.line(mistake));
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

    static String oneLine(String message) {
        return SafeText.line(
                SafeText.withoutSecrets(
                        String.valueOf(message).strip().replaceAll("\\s*\\R\\s*", " ")));
    }
}
