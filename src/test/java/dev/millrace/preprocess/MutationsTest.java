package dev.millrace.preprocess;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.testing.Slow;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Broken images through gate, decoder and resizer: each a row or a named error, soon, cheaply. */
@Slow
class MutationsTest {
    private static final int IMAGES = 10_000;

    @Test
    void brokenImagesDoNoHarm() throws Exception {
        long seed = Long.getLong("millrace.seed", 20_260_117);
        Path kept = Path.of("target", "crashers");
        Mutations.Report report = Mutations.run(seed, 0, IMAGES, true, kept);
        System.out.println("seed " + seed + ": " + report);
        assertEquals(List.of(), report.complaints());
        assertEquals(report.images(), report.passed() + report.refused());
        assertTrue(report.images() > IMAGES, "what once did harm was not among them");
        // Mutations that are all refused would test the gate alone.
        assertTrue(report.passed() > IMAGES / 10 && report.refused() > IMAGES / 10);
    }
}
