package dev.millrace.testing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * {@code millrace serve} as an operator runs it, in a process of its own, on a port that it
 * chooses.
 */
public final class ServeProcess {
    private static final int START_SECONDS = 120;
    private static final int END_SECONDS = 60;
    private static final Pattern READY = Pattern.compile("(?m)^serving at (\\S+)$");

    private final Process process;
    private final Path output;
    private final String address;

    private ServeProcess(Process process, Path output) throws IOException, InterruptedException {
        this.process = process;
        this.output = output;
        this.address = address();
    }

    /**
     * Returns once it is ready.
     *
     * @param folder for its output
     * @param options beside the port
     */
    public static ServeProcess start(Path folder, String... options)
            throws IOException, InterruptedException {
        List<String> arguments = new ArrayList<>(List.of("serve", "--port=0"));
        arguments.addAll(List.of(options));
        Path output = Files.createTempFile(folder, "serve", ".log");
        Process process =
                new ProcessBuilder(CommandProcess.line(List.of(), arguments))
                        .redirectErrorStream(true)
                        .redirectOutput(output.toFile())
                        .start();
        try {
            return new ServeProcess(process, output);
        } catch (IOException | InterruptedException | Error e) {
            process.destroyForcibly();
            throw e;
        }
    }

    private String address() throws IOException, InterruptedException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(START_SECONDS);
        while (true) {
            Matcher ready = READY.matcher(said());
            if (ready.find()) {
                return ready.group(1);
            }
            if (!process.isAlive() || System.nanoTime() > end) {
                throw new AssertionError("is not ready; it has said:\n" + said());
            }
            Thread.sleep(50);
        }
    }

    /** Without a slash at its end. */
    public String url() {
        return address;
    }

    /** Both streams until now. */
    public String said() throws IOException {
        return Files.readString(output);
    }

    /** Asks it to end as an orchestrator does; fails where it does not end well. */
    public void end() throws IOException, InterruptedException {
        process.destroy();
        boolean ended = process.waitFor(END_SECONDS, TimeUnit.SECONDS);
        process.destroyForcibly();
        if (!ended || process.exitValue() != 0) {
            throw new AssertionError(
                    (ended ? "exit code " + process.exitValue() : "does not end")
                            + "; it has said:\n"
                            + said());
        }
    }
}
