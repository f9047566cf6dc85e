package dev.millrace.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;

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
}
