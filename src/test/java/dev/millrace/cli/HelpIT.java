package dev.millrace.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Where the help of a process has escape sequences: on a terminal that wants them, only. */
class HelpIT {
    private static final String ESCAPE = "\u001b[";

    /** Gives a command a terminal. */
    private static final Path SCRIPT = Path.of("/usr/bin/script");

    @TempDir private Path folder;

    @ParameterizedTest
    @CsvSource({"TERM=xterm, true", "TERM=dumb, false", "NO_COLOR=1, false"})
    void aTerminalIsAskedWhetherItWantsColours(String variable, boolean wanted) throws Exception {
        assumeTrue(Files.isExecutable(SCRIPT), "this host has no script(1)");
        String quoted = String.join(" ", help().stream().map(word -> "'" + word + "'").toList());
        String said = run(List.of(SCRIPT.toString(), "-qec", quoted, "/dev/null"), variable);
        assertTrue(said.contains("--config"), said);
        assertEquals(wanted, said.contains(ESCAPE), said);
    }

    @Test
    void whatIsNoTerminalGetsPlainText() throws Exception {
        String said = run(help(), "TERM=xterm");
        assertTrue(said.contains("--config"), said);
        assertTrue(!said.contains(ESCAPE), said);
    }

    private static List<String> help() {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of(System.getProperty("millrace.flags").strip().split("\\s+")));
        command.addAll(List.of("-cp", System.getProperty("millrace.classes")));
        command.addAll(List.of(Millrace.class.getName(), "worker", "--help"));
        return command;
    }

    private String run(List<String> command, String variable)
            throws IOException, InterruptedException {
        Path output = folder.resolve("output");
        ProcessBuilder builder =
                new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(output.toFile());
        builder.environment().put("TERM", "xterm");
        builder.environment().remove("NO_COLOR");
        String[] pair = variable.split("=");
        builder.environment().put(pair[0], pair[1]);
        Process process = builder.start();
        try {
            assertTrue(process.waitFor(60, TimeUnit.SECONDS), "it must not hang");
            return Files.readString(output);
        } finally {
            process.destroyForcibly();
        }
    }
}
