package dev.millrace.faults;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.millrace.preprocess.Reservations;
import dev.millrace.testing.Child;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Row 23: photos, hostile files and broken images take what the gate has reserved for them. */
class ReservationFT {
    private static final int MUTATIONS = 20_000;

    @TempDir private Path folder;

    @Test
    void aDecodeTakesWhatIsReserved() throws Exception {
        Reliability row =
                Reliability.row(
                        23,
                        "photos, hostile files and %,d mutations, one at a time: taken ≤ reserved + 4 MiB, photos ≥ 0.7 of it"
                                .formatted(MUTATIONS));
        if (!Reservations.canBeMeasured()) {
            row.cannotRun(Reservations.MISSING);
        }
        Child.End run = Reservations.measure(folder, row.seed(), MUTATIONS, List.of());
        assertEquals(0, run.exit(), run.said() + run.complained());
        Path careless = Undefended.changed(folder.resolve("control"), Reservations.CONTROL);
        Child.End control =
                Reservations.measure(
                        folder, row.seed(), Reservations.HOSTILE_ALONE, List.of(careless));
        List<String> complaints =
                control.said().lines().filter(line -> line.contains("reserved")).toList();
        assertFalse(control.exit() == 0 || complaints.isEmpty(), control.said());
        row.holds(
                String.join("; ", figures(run)),
                "groups of prefix codes not counted: " + complaints.getFirst());
    }

    /** The line of each format. */
    private static List<String> figures(Child.End run) {
        return run.said().lines().filter(line -> line.contains(" decodes, at most ")).toList();
    }
}
