package dev.millrace.preprocess;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.millrace.config.WorkerConfig;
import dev.millrace.faults.Undefended;
import dev.millrace.testing.Child;
import dev.millrace.testing.Slow;
import dev.millrace.testing.WaitsMostly;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is reserved for a decode covers what it takes, and for photos is not far from it. */
@WaitsMostly
@Slow
class ReservationTest {
    /** Row 23 of the reliability table takes 20,000. */
    private static final int MUTATIONS = Integer.getInteger("millrace.mutations", 500);

    private static final long SEED = Long.getLong("millrace.seed", 20_260_117);

    @TempDir private Path folder;

    @Test
    void decodingTakesWhatIsReserved() throws Exception {
        assumeTrue(Reservations.canBeMeasured(), Reservations.MISSING);
        Child.End end = Reservations.measure(folder, SEED, MUTATIONS, List.of());
        System.out.println("seed " + SEED + ", " + MUTATIONS + " mutations\n" + end.said());
        assertEquals(0, end.exit(), end.said() + end.complained());
    }

    /** Where the groups of prefix codes are not counted, that is seen. */
    @Test
    void aBombIsSeenWithoutTheDefence() throws Exception {
        assumeTrue(Reservations.canBeMeasured(), Reservations.MISSING);
        Child.End end =
                Reservations.measure(
                        folder,
                        SEED,
                        Reservations.HOSTILE_ALONE,
                        List.of(
                                Undefended.changed(
                                        folder.resolve("control"), Reservations.CONTROL)));
        assertEquals(1, end.exit(), end.said() + end.complained());
        for (String bomb : List.of("groups.webp of 4096 (WEBP", "groups of opacity (WEBP")) {
            assertTrue(end.said().contains(bomb), end.said());
        }
        assertFalse(end.said().contains("(GIF,") || end.said().contains("(JPEG,"), end.said());
    }

    @Test
    void fourLosslessPhotosOf12MegapixelsFitTheDefault() throws Exception {
        Path photo = folder.resolve("photo.webp");
        Child.End made =
                Child.run(LosslessPhotosRun.class, folder, List.of("make", photo.toString()));
        assertEquals(0, made.exit(), made.complained());
        long capacity = WorkerConfig.Preprocess.DEFAULT.decodeBytes();
        Child.End end =
                Child.run(
                        LosslessPhotosRun.class,
                        folder,
                        List.of(photo.toString(), "4", Long.toString(capacity)));
        assertEquals(0, end.exit(), end.complained());
        System.out.print("four lossless WebPs of 12 MP at once: " + end.said());
        assertTrue(end.said().contains("decoded=4 waits=0"), end.said());
        long taken = number(end.said(), "taken");
        assertTrue(taken <= 1L << 30, end.said());
        // Resident is what was touched: of the codes' tables not all is.
        assertTrue(taken >= 0.7 * 4 * number(end.said(), "reserved"), end.said());
    }

    private static long number(String said, String name) {
        return Long.parseLong(said.replaceAll("(?s).*\\b" + name + "=([0-9]+).*", "$1"));
    }
}
