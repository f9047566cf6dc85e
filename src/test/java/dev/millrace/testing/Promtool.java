package dev.millrace.testing;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** Prometheus' own tools, where they are installed; a test that needs them is skipped without. */
public final class Promtool {
    private static final int SECONDS = 60;

    /** What a tool said, and its exit code. */
    public record Said(int exitCode, String output) {}

    private Promtool() {}

    /** Where a program of Debian's package {@code prometheus} is; ends the test without it. */
    public static Path require(String program) {
        Optional<Path> found =
                Stream.of(System.getenv("PATH").split(":"))
                        .map(folder -> Path.of(folder, program))
                        .filter(Files::isExecutable)
                        .findFirst();
        assumeTrue(
                found.isPresent(),
                program + " is not installed (it is in Debian's package prometheus)");
        return found.orElseThrow();
    }

    /**
     * Runs {@code promtool}.
     *
     * @param input for its standard input
     */
    public static Said run(String input, String... arguments)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(require("promtool").toString()));
        command.addAll(List.of(arguments));
        Path in = Files.createTempFile("promtool", ".txt");
        try {
            Files.writeString(in, input);
            Process process =
                    new ProcessBuilder(command)
                            .redirectErrorStream(true)
                            .redirectInput(in.toFile())
                            .start();
            String output =
                    new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (!process.waitFor(SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new AssertionError("promtool still runs: " + output);
            }
            return new Said(process.exitValue(), output);
        } finally {
            Files.delete(in);
        }
    }
}
