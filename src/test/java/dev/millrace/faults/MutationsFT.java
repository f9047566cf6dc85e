package dev.millrace.faults;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.millrace.preprocess.Mutations;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Row 10: broken images, as many as {@code millrace.mutations} says. */
class MutationsFT {
    private static final int CONTROL = 400;

    @Test
    void brokenImagesDoNoHarm() throws Exception {
        long images = Long.getLong("millrace.mutations", 10_000);
        Reliability row =
                Reliability.row(
                        10,
                        "%,d seeded mutations (200,000 by `-Psoak`): 0 crashes, each a result or a named error, < 1 s, RSS < base + 300 MiB"
                                .formatted(images));
        long from = Long.getLong("millrace.mutations.from", 0);
        Path kept = Path.of("target", "crashers");
        Mutations.Report run = Mutations.run(row.seed(), from, images, true, kept);
        assertEquals(List.of(), run.complaints());
        Mutations.Report control = Mutations.run(row.seed(), 0, CONTROL, false, kept);
        assertFalse(control.complaints().isEmpty(), control.toString());
        row.holds(
                run.toString(),
                "without the gate, one in 50 a bomb: " + String.join("; ", control.complaints()));
    }
}
