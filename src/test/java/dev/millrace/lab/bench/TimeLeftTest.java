package dev.millrace.lab.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.cli.StatusLine;
import dev.millrace.testing.Loopback;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The time left is there before the first step is done, and follows from the steps to come. */
class TimeLeftTest {
    private final ByteArrayOutputStream written = new ByteArrayOutputStream();

    private TimeLeft of(boolean terminal, Duration... steps) {
        PrintStream out = new PrintStream(written, true, StandardCharsets.UTF_8);
        return new TimeLeft(new StatusLine(out, terminal), "about", List.of(steps));
    }

    private String written() {
        return written.toString(StandardCharsets.UTF_8);
    }

    private void awaitWritten(String text) throws Exception {
        Loopback.awaitUntil(() -> written().contains(text), 30, this::written);
    }

    @Test
    void theFirstLineComesAtOnceAndHasTheWholeTime() throws Exception {
        // Each takes what is planned, and 6 s for processes that start and end.
        try (TimeLeft _ = of(false, Duration.ofMinutes(10), Duration.ofMinutes(20))) {
            awaitWritten(" left: ");
        }
        assertTrue(written().matches("(?s)0 % done, about 30 min [1-9]\\d* s left: .*"), written());
    }

    @Test
    void aStepThatIsDoneIsNoLongerLeft() throws Exception {
        try (TimeLeft left = of(true, Duration.ofMinutes(10), Duration.ofMinutes(20))) {
            left.next("a result");
            left.doing("the second step");
            awaitWritten("about 20 min ");
            awaitWritten("the second step");
        }
        assertTrue(written().contains("a result" + System.lineSeparator()), written());
    }

    @Test
    void whatStepsTakeBesideTheirPlanIsLearned() throws Exception {
        try (TimeLeft left = of(true, Duration.ZERO, Duration.ZERO, Duration.ZERO)) {
            // The guess is 6 s. The first step is another, and the second takes far less.
            left.next("a result");
            left.next("another result");
            awaitWritten("longer than planned");
        }
    }

    @Test
    void timesAreWordsOfTwoUnitsAtMost() {
        assertEquals("59 s", TimeLeft.text(59));
        assertEquals("2 min 5 s", TimeLeft.text(125));
        assertEquals("1 h 1 min", TimeLeft.text(3665));
    }
}
