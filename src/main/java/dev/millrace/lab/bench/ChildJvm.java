package dev.millrace.lab.bench;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.millrace.cli.Millrace;
import java.io.BufferedReader;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.slf4j.LoggerFactory;

/**
 * A JVM like this one that runs a command that only other commands start; it answers by {@link
 * Dialogue}.
 */
public final class ChildJvm implements AutoCloseable {
    /**
     * The first compiler alone, whose CPU is even. Without the second flag the JVM reserves little
     * for code, and collects the whole heap when some of that is used.
     */
    static final List<String> FIRST_COMPILER =
            List.of("-XX:TieredStopAtLevel=1", "-XX:ReservedCodeCacheSize=240m");

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int SECONDS_TO_END = 40;

    private final Process process;
    private final BufferedReader answers;
    private final JsonNode greeting;
    private final Duration readyTime;
    private final Duration readyCpu;

    /**
     * Starts it and waits for its first answer.
     *
     * @param flags for the JVM, after those of this one
     * @param runs the command, with a public constructor that takes nothing
     */
    public ChildJvm(List<String> flags, Class<?> runs, List<String> arguments) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
        command.addAll(flags);
        command.addAll(List.of("-cp", System.getProperty("java.class.path")));
        command.addAll(List.of(ChildJvm.class.getName(), runs.getName()));
        command.addAll(arguments);
        long startNs = System.nanoTime();
        process =
                new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
        answers = process.inputReader(StandardCharsets.UTF_8);
        greeting = answer();
        readyTime = Duration.ofNanos(System.nanoTime() - startNs);
        readyCpu = process.info().totalCpuDuration().orElse(Duration.ZERO);
    }

    /** Of the other process: the class of the command, and its options. */
    public static void main(String[] arguments) throws ReflectiveOperationException {
        ((Logger) LoggerFactory.getLogger("dev.millrace")).setLevel(Level.WARN);
        Object command = Class.forName(arguments[0]).getConstructor().newInstance();
        String name = command.getClass().getSimpleName();
        arguments[0] = name;
        Millrace.run(Millrace.commands(all -> all.addSubcommand(name, command)), arguments);
    }

    /** What it said when it was ready. */
    public JsonNode greeting() {
        return greeting;
    }

    /** From its start to its greeting. */
    Duration readyTime() {
        return readyTime;
    }

    /** CPU time that it had used by then; zero where the system does not say. */
    Duration readyCpu() {
        return readyCpu;
    }

    public long pid() {
        return process.pid();
    }

    public JsonNode ask(String command) throws IOException {
        tell(command);
        return answer();
    }

    /** Sends a command; {@link #answer} is to follow. */
    void tell(String command) throws IOException {
        process.outputWriter(StandardCharsets.UTF_8).write(command + "\n");
        process.outputWriter(StandardCharsets.UTF_8).flush();
    }

    JsonNode answer() throws IOException {
        for (String line = answers.readLine(); line != null; line = answers.readLine()) {
            if (line.startsWith(Dialogue.MARK)) {
                return JSON.readTree(line.substring(Dialogue.MARK.length()));
            }
        }
        if (ended() && process.exitValue() == Millrace.MISTAKE) {
            throw new MistakeException();
        }
        throw new IOException("a process of the bench ended; its last lines say why");
    }

    /** It ended because of a mistake of the user's, which it has told. */
    public static final class MistakeException extends IOException {
        private static final long serialVersionUID = 1L;

        private MistakeException() {
            super("a process of the bench could not begin; the line above says why");
        }
    }

    /** Waits a while for its end. */
    private boolean ended() {
        try {
            return process.waitFor(SECONDS_TO_END, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** Ends it: by the end of its input, and after a while by force. */
    @Override
    public void close() throws IOException {
        process.outputWriter(StandardCharsets.UTF_8).close();
        // What it still writes must not fill the pipe and hold it up.
        while (answers.readLine() != null) {
            continue;
        }
        if (!ended()) {
            process.destroyForcibly();
        }
    }
}
