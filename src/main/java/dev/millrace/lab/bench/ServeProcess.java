package dev.millrace.lab.bench;

import dev.millrace.cli.Millrace;
import java.io.BufferedReader;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The command {@code serve} in a process of its own, as an operator starts it. */
final class ServeProcess implements AutoCloseable {
    private static final String SAYS = "serving at ";
    private static final int SECONDS_TO_END = 40;

    private final Process process;
    private final URI address;

    /**
     * Returns once it serves.
     *
     * @param flags for the JVM, after those of this one
     * @param arguments of {@code serve}, but for the port, which is any free one
     */
    ServeProcess(List<String> flags, List<String> arguments) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
        command.addAll(flags);
        command.addAll(List.of("-cp", System.getProperty("java.class.path")));
        command.addAll(List.of(Millrace.class.getName(), "serve", "--port=0"));
        command.addAll(arguments);
        process =
                new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
        try {
            address = address();
        } catch (IOException e) {
            process.destroyForcibly();
            throw e;
        }
    }

    private URI address() throws IOException {
        BufferedReader said = process.inputReader(StandardCharsets.UTF_8);
        for (String line = said.readLine(); line != null; line = said.readLine()) {
            if (line.startsWith(SAYS)) {
                Thread.ofVirtual().start(() -> said.lines().forEach(_ -> {}));
                return URI.create(line.substring(SAYS.length()).strip());
            }
        }
        throw new IOException("the command serve ended before it served; its last lines say why");
    }

    /** Where a task's images are posted to. */
    URI infer(String task) {
        return address.resolve("/v2/models/" + task + "/infer");
    }

    long pid() {
        return process.pid();
    }

    /** Ends it as an operator does, and after a while by force. */
    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(SECONDS_TO_END, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
