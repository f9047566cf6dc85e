package dev.millrace.testing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A command of the packaged jar in a process of its own, as a user runs it, to its end. */
public final class CommandProcess {
    private CommandProcess() {}

    /**
     * @param said both streams
     */
    public record End(int code, String said) {}

    /**
     * Runs it; neither it nor what it started is left afterwards.
     *
     * @param seconds after which it is taken for stuck
     * @param flags of the JVM, beside its usual ones
     * @param arguments the command and its options
     */
    public static End run(int seconds, List<String> flags, List<String> arguments)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of(System.getProperty("millrace.flags").strip().split("\\s+")));
        command.addAll(flags);
        command.addAll(List.of("-Xmx512m", "-cp", System.getProperty("millrace.classes")));
        command.add("dev.millrace.cli.Millrace");
        command.addAll(arguments);
        Path output = Files.createTempFile("command", ".log");
        Process process =
                new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(output.toFile())
                        .start();
        try {
            if (!process.waitFor(seconds, TimeUnit.SECONDS)) {
                throw new AssertionError(
                        "still running after " + seconds + " s:\n" + Files.readString(output));
            }
            return new End(process.exitValue(), Files.readString(output));
        } finally {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
            Files.delete(output);
        }
    }
}
