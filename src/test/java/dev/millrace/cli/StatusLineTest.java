package dev.millrace.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A terminal shows one line that is redrawn; all else gets whole lines and no control characters.
 */
class StatusLineTest {
    private final ByteArrayOutputStream written = new ByteArrayOutputStream();

    private String written(boolean terminal) {
        try (StatusLine status =
                new StatusLine(new PrintStream(written, true, StandardCharsets.UTF_8), terminal)) {
            status.show(0.25, "a long text beside the bar");
            status.line("a result");
            status.show(0.5, "short");
        }
        return written.toString(StandardCharsets.UTF_8).replace(System.lineSeparator(), "\n");
    }

    @Test
    void aTerminalShowsTheLineInItsPlace() {
        String first = "[######..................]  25 % a long text beside the bar";
        String second = "[############............]  50 % short";
        assertEquals(
                "\r" + first + wiped(first) + "a result\n" + "\r" + second + wiped(second),
                written(true));
    }

    private static String wiped(String line) {
        return "\r" + " ".repeat(line.length()) + "\r";
    }

    @Test
    void elsewhereOnlyWholeLinesCome() {
        assertEquals("a result\n", written(false));
    }

    @Test
    void noLineIsLongerThanATerminal() {
        new StatusLine(new PrintStream(written, true, StandardCharsets.UTF_8), true)
                .show(1, "x".repeat(200));
        assertEquals(1 + 79, written.size());
    }

    @Test
    void theEnvironmentMayAskForPlainLines() {
        assertTrue(StatusLine.wanted(Map.of("TERM", "xterm", "NO_COLOR", "")));
        assertFalse(StatusLine.wanted(Map.of("TERM", "dumb")));
        assertFalse(StatusLine.wanted(Map.of("NO_COLOR", "1")));
    }

    /** Says whether its standard error shows a line in the place of another. */
    static final class Redraws {
        private Redraws() {}

        public static void main(String[] arguments) {
            System.out.println("redraws " + StatusLine.onError().redraws());
        }
    }

    @ParameterizedTest
    @CsvSource({"TERM=xterm, true", "TERM=dumb, false", "NO_COLOR=1, false"})
    void aTerminalIsAskedWhetherItWantsTheLine(String variable, boolean wanted) throws Exception {
        Path script = Path.of("/usr/bin/script");
        assumeTrue(Files.isExecutable(script), "this host has no script(1)");
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        String command =
                "'%s' -cp '%s' '%s'"
                        .formatted(
                                java,
                                System.getProperty("java.class.path"),
                                Redraws.class.getName());
        ProcessBuilder builder =
                new ProcessBuilder(script.toString(), "-qec", command, "/dev/null")
                        .redirectErrorStream(true);
        builder.environment().put("TERM", "xterm");
        builder.environment().remove("NO_COLOR");
        String[] pair = variable.split("=");
        builder.environment().put(pair[0], pair[1]);
        Process process = builder.start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertTrue(said.contains("redraws " + wanted), said);
    }
}
