package dev.millrace.preprocess;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.millrace.faults.Undefended;
import dev.millrace.testing.Child;
import dev.millrace.testing.HeapWatch;
import dev.millrace.worker.WorkerConfig;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is reserved for a decode covers what it takes, and for photos is not far from it. */
class ReservationTest {
    /** The acceptance takes 20,000: {@code -Dmillrace.mutations=20000}. */
    private static final int MUTATIONS = Integer.getInteger("millrace.mutations", 2000);

    private static final int HOSTILE_ALONE = -1;
    private static final long SEED = Long.getLong("millrace.seed", 20_260_117);
    private static final String CLASSES = System.getProperty("java.class.path");

    @TempDir private Path folder;

    @Test
    void decodingTakesWhatIsReserved() throws Exception {
        Child.End end = measured(MUTATIONS, CLASSES);
        System.out.println("seed " + SEED + ", " + MUTATIONS + " mutations\n" + end.said());
        assertEquals(0, end.exit(), end.said() + end.complained());
    }

    /** Where the groups of prefix codes are not counted, that is seen. */
    @Test
    void aBombIsSeenWithoutTheDefence() throws Exception {
        Path sources = folder.resolve("sources");
        Undefended.change(
                "preprocess/LosslessWebp.java",
                "bytes += groups * (GROUP_BYTES + ENTRY_BYTES * TABLE_ENTRIES[cacheBits]);",
                "",
                sources);
        Path classes = Files.createDirectory(folder.resolve("undefended"));
        Undefended.compile(sources, classes);
        Child.End end = measured(HOSTILE_ALONE, classes + File.pathSeparator + CLASSES);
        assertEquals(1, end.exit(), end.said() + end.complained());
        for (String bomb : List.of("groups.webp of 4096 (WEBP", "groups of opacity (WEBP")) {
            assertTrue(end.said().contains(bomb), end.said());
        }
        assertFalse(end.said().contains("(GIF,") || end.said().contains("(JPEG,"), end.said());
    }

    private Child.End measured(int mutations, String classes) throws Exception {
        assumeTrue(
                HeapWatch.isThere(),
                "there was no C++ compiler for the library that counts allocations");
        List<String> arguments =
                List.of(
                        HeapWatch.library().toString(),
                        Long.toString(SEED),
                        Integer.toString(mutations));
        return Child.run(ReservationRun.class, folder, arguments, classes, HeapWatch.environment());
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
