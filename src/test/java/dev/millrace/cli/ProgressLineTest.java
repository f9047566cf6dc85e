package dev.millrace.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Where there is no terminal, as in a log, progress is lines, and not too many of them. */
class ProgressLineTest {
    private final List<String> lines = new ArrayList<>();

    private void twoSteps(Duration every) {
        try (ProgressLine progress = new ProgressLine(2, every, lines::add)) {
            for (int step = 1; step <= 2; step++) {
                progress.bar(step, "beside the bar");
                progress.line("step " + step);
            }
        }
    }

    @Test
    void eachStepIsALine() {
        twoSteps(Duration.ZERO);
        assertEquals(List.of("step 1", "step 2"), lines);
    }

    @Test
    void aShortTimeAfterALineThereIsNone() {
        twoSteps(Duration.ofHours(1));
        assertEquals(List.of(), lines);
    }
}
