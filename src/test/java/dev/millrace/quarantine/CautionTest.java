package dev.millrace.quarantine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CautionTest {
    private static final long FROM_NS = Long.MAX_VALUE - 5;

    @TempDir private Path folder;
    private Path file;

    @BeforeEach
    void name() {
        file = folder.resolve("caution");
    }

    private Caution after(LastEnd end) {
        Caution caution = Caution.after(file, end, Duration.ofSeconds(30));
        caution.begin(FROM_NS);
        return caution;
    }

    private static void look(Caution caution, Duration later) {
        caution.look(FROM_NS + later.toNanos());
    }

    @Test
    void whoFindsNothingIsNotCareful() {
        Caution caution = after(LastEnd.WELL);
        assertFalse(caution.isCareful());
        assertEquals(Integer.MAX_VALUE, caution.inFlight());
        assertEquals(Duration.ZERO, caution.left());
        assertTrue(caution.sentence().isEmpty());
        assertFalse(Files.exists(file));
        assertFalse(Caution.none().isCareful());
    }

    @Test
    void aCrashIsFollowedByAMinuteOfCare() {
        Caution caution = after(LastEnd.CRASHED);
        assertTrue(caution.isCareful());
        assertEquals(32, caution.inFlight());
        look(caution, Duration.ofSeconds(59));
        assertTrue(caution.isCareful());
        look(caution, Duration.ofSeconds(60));
        assertFalse(caution.isCareful());
        assertEquals(Integer.MAX_VALUE, caution.inFlight());
        assertTrue(Files.exists(file), "the next crash would be the second in a row");
        look(caution, Duration.ofSeconds(120));
        assertFalse(Files.exists(file), "all is well");
    }

    @Test
    void eachFurtherOneDoublesTheTime() {
        int[] minutes = {1, 2, 4, 8, 16, 30, 30};
        for (int length : minutes) {
            Caution caution = after(LastEnd.CRASHED);
            look(caution, Duration.ofMinutes(length).minusSeconds(1));
            assertTrue(caution.isCareful(), length + " minutes");
            look(caution, Duration.ofMinutes(length));
            assertFalse(caution.isCareful());
        }
        for (int crash = 0; crash < 100; crash++) {
            after(LastEnd.CRASHED);
        }
        assertEquals(1, after(LastEnd.CRASHED).inFlight());
    }

    /** What the trials did not find comes back with nobody beside it. */
    @Test
    void afterACrashAmidTheCareAllThatItLeftComesBackOneAtATime() {
        after(LastEnd.CRASHED);
        Caution second = after(LastEnd.CRASHED);
        assertEquals(1, second.inFlight());
        look(second, Duration.ofSeconds(59));
        assertEquals(1, second.inFlight());
        look(second, Duration.ofSeconds(60));
        assertEquals(32, second.inFlight());
        assertTrue(second.isCareful());
        look(second, Duration.ofMinutes(2));
        assertEquals(32, after(LastEnd.CRASHED).inFlight(), "it came after the care");
    }

    @Test
    void theCareLastsUntilAllIsBack() {
        Caution caution = Caution.after(file, LastEnd.CRASHED, Duration.ofMinutes(2));
        caution.begin(FROM_NS);
        look(caution, Duration.ofSeconds(239));
        assertTrue(caution.isCareful());
        look(caution, Duration.ofSeconds(240));
        assertFalse(caution.isCareful());
    }

    @Test
    void whoWentOnWellForAsLongAgainBeginsAnew() {
        after(LastEnd.CRASHED);
        Caution second = after(LastEnd.CRASHED);
        look(second, Duration.ofMinutes(2));
        look(second, Duration.ofMinutes(4));
        assertEquals(32, after(LastEnd.CRASHED).inFlight());
    }

    @Test
    void aGoodEndShortensNothing() {
        after(LastEnd.CRASHED);
        after(LastEnd.CRASHED);
        Caution careful = after(LastEnd.WELL);
        assertTrue(careful.isCareful());
        look(careful, Duration.ofMinutes(2));
        assertFalse(after(LastEnd.WELL).isCareful(), "its time was over");
        Caution third = after(LastEnd.CRASHED);
        look(third, Duration.ofMinutes(3));
        assertTrue(third.isCareful());
    }

    @Test
    void oneKillIsNoCrashAndTheSecondIs() {
        assertFalse(after(LastEnd.KILLED).isCareful());
        Caution second = after(LastEnd.KILLED);
        assertTrue(second.isCareful());
        look(second, Duration.ofMinutes(1));
        assertFalse(second.isCareful());
    }

    @Test
    void itSaysWhyAndForHowLong() {
        Caution caution = Caution.after(file, LastEnd.CRASHED, Duration.ofSeconds(30));
        try (caution) {
            assertEquals(Duration.ofMinutes(1), caution.left(), "it has not begun");
            caution.begin();
            String said = caution.sentence().orElseThrow();
            assertTrue(
                    said.matches("careful for (60|5\\d) s, .*32 messages are in flight at most"),
                    said);
            assertTrue(caution.left().compareTo(Duration.ofSeconds(50)) > 0);
        }
    }

    @Test
    void aDamagedFileIsNoCrash() throws IOException {
        Files.writeString(file, "many careful");
        assertFalse(after(LastEnd.WELL).isCareful());
        Files.writeString(file, "99 careful");
        assertTrue(after(LastEnd.WELL).isCareful());
    }

    @Test
    void theFolderKnowsHowTheLastOneEnded() throws IOException {
        try (StateDirectory state = StateDirectory.open(folder, "worker")) {
            assertEquals(LastEnd.WELL, state.takeEnd());
            state.markReady();
            assertEquals(LastEnd.CRASHED, state.takeEnd(), "nobody saw it, and it said nothing");
            assertEquals(LastEnd.WELL, state.takeEnd());
            state.markEnd(LastEnd.KILLED);
            assertEquals(LastEnd.KILLED, state.takeEnd());
            state.markEnd(LastEnd.CRASHED);
            assertEquals(LastEnd.CRASHED, state.takeEnd());
            assertEquals(LastEnd.WELL, state.takeEnd());
        }
    }
}
