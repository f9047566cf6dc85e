package dev.millrace.resource;

import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * How another JVM of Millrace is started: with this one's class path and ahead-of-time cache, and
 * with those of its flags that say what code may do. How large it is and how it is watched are each
 * JVM's own.
 */
public final class JvmCommand {
    /**
     * How each one ends: without memory at once, after a crash without a core dump, and with what
     * the JVM logs on standard error, since results go to standard output. An ahead-of-time cache
     * that does not fit is nothing to complain of: the JVM goes on without.
     */
    public static final List<String> END =
            List.of(
                    "-XX:+ExitOnOutOfMemoryError",
                    "-XX:-CreateCoredumpOnCrash",
                    "-XX:+DisplayVMOutputToStderr",
                    "-Xlog:disable",
                    "-Xlog:all=warning,aot*=off,cds*=off:stderr");

    /** The cache, what must be as it was in training, and what is left out of it. */
    private static final List<String> OF_THE_CACHE =
            List.of(
                    "-XX:AOTCache=",
                    "-XX:+UseCompactObjectHeaders",
                    "-XX:+UnlockDiagnosticVMOptions",
                    "-XX:-AOT");

    private JvmCommand() {}

    /**
     * @param flags that go after this JVM's, so that they win
     */
    public static List<String> of(List<String> flags, String mainClass, List<String> arguments) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(JvmCommand::isShared)
                .forEach(command::add);
        command.addAll(END);
        command.addAll(flags);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), mainClass));
        command.addAll(arguments);
        return command;
    }

    private static boolean isShared(String flag) {
        return flag.startsWith("--")
                || flag.startsWith("-D") && !flag.startsWith("-Dcom.sun.management")
                || OF_THE_CACHE.stream().anyMatch(flag::startsWith);
    }
}
