package dev.millrace.testing;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;

/** A command of the packaged jar in a process of its own, as a user runs it, to its end. */
public final class CommandProcess {
    private static final String MARK = "STARTED_BY_A_TEST";

    /** Those of its commands that tests run. */
    private static final Set<String> LABORATORY = Set.of("bench", "demo", "queue", "tune");

    private CommandProcess() {}

    /**
     * @param said both streams
     * @param left how many processes that it had started were still there when it had ended
     */
    public record End(int code, String said, int left) {}

    /**
     * Runs it; neither it nor what it started is left afterwards.
     *
     * @param seconds after which it is taken for stuck
     * @param flags of the JVM, beside its usual ones
     * @param arguments the command and its options
     */
    public static End run(int seconds, List<String> flags, List<String> arguments)
            throws IOException, InterruptedException {
        return run(List.of(), seconds, flags, arguments);
    }

    /**
     * @param before a command that becomes the one that follows it
     */
    public static End run(
            List<String> before, int seconds, List<String> flags, List<String> arguments)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(before);
        command.addAll(line(flags, arguments));
        Path output = Files.createTempFile("command", ".log");
        // Children have it as well, and keep it when they lose their parent.
        String mark = MARK + "=" + UUID.randomUUID();
        ProcessBuilder builder =
                new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(output.toFile());
        builder.environment().put(MARK, mark.substring(MARK.length() + 1));
        Process process = builder.start();
        try {
            if (!process.waitFor(seconds, TimeUnit.SECONDS)) {
                throw new AssertionError(
                        "still running after " + seconds + " s:\n" + Files.readString(output));
            }
            return new End(process.exitValue(), Files.readString(output), marked(mark).size());
        } finally {
            process.destroyForcibly();
            marked(mark).forEach(ProcessHandle::destroyForcibly);
            Files.delete(output);
        }
    }

    /**
     * What starts it.
     *
     * @param flags of the JVM, beside its usual ones
     * @param arguments the command and its options
     */
    public static List<String> line(List<String> flags, List<String> arguments) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of(System.getProperty("millrace.flags").strip().split("\\s+")));
        command.addAll(flags);
        boolean laboratory = LABORATORY.contains(arguments.getFirst());
        command.addAll(List.of("-Xmx512m", "-cp", classPath(laboratory)));
        command.add(laboratory ? "dev.millrace.lab.Laboratory" : "dev.millrace.cli.Millrace");
        command.addAll(arguments);
        return command;
    }

    private static String classPath(boolean laboratory) {
        String worker = System.getProperty("millrace.classes");
        return laboratory
                ? System.getProperty("millrace.laboratory") + File.pathSeparator + worker
                : worker;
    }

    private static List<ProcessHandle> marked(String mark) {
        return ProcessHandle.allProcesses().filter(process -> hasMark(process, mark)).toList();
    }

    private static boolean hasMark(ProcessHandle process, String mark) {
        try {
            Path environment = Path.of("/proc/" + process.pid() + "/environ");
            return Files.readString(environment, StandardCharsets.ISO_8859_1).contains(mark);
        } catch (IOException e) {
            // It has ended, or is another user's.
            return false;
        }
    }
}
