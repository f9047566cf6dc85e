package dev.millrace.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.faults.Undefended.Change;
import dev.millrace.testing.Planted;
import dev.millrace.testing.Slow;
import java.nio.file.Path;
import java.util.function.LongFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Many threads at what the stages wait for, and whether a defect planted there is found. */
@Slow
class CrowdTest {
    private static final long SEED = Long.getLong("millrace.seed", 20_260_117);

    @TempDir private Path folder;

    @Test
    void nobodyMissesAStepOfTheRing() {
        assertEquals("", new RingSignalCrowd().apply(SEED), "seed " + SEED);
    }

    @Test
    void admissionGivesNoMoreThanItHasAndWakesWhoWaits() {
        assertEquals("", new AdmissionCrowd().apply(SEED), "seed " + SEED);
    }

    /** Who is on its way to sleep looks no more. */
    @Test
    void aStepMissedOnTheWayToSleepIsFound() throws Exception {
        isFound(
                "nobody gets on",
                RingSignalCrowd.class,
                "RingSignal",
                "long left = timeoutNs;",
                "long left = waiter.moved.awaitNanos(timeoutNs);");
    }

    /** What is found is one of the texts that a slash separates. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "in flight, most   | Admission  | Math.min(wanted, free)    | wanted",
                "bytes, most       | ByteBudget | downloads + texts + wanted <= most | texts <= most",
                "DOWNLOAD          | ByteBudget | first.turn.signal();      | ;",
                "SECOND_DOWNLOAD   | ByteBudget | while (!waiting.isEmpty() | if (!waiting.isEmpty()",
                "AFTER_ONE_GAVE_UP | ByteBudget | waiting.remove(waiter);   | waiting.remove(waiter); if (wanted > 0) throw e;",
                "nobody's bytes/left over | ByteBudget | if (waiter.served) {      | if (false) {",
                "UNUSED_PERMIT     | Admission  | admissible.signalAll();   | ;"
            })
    void aDefectOfAdmissionIsFound(String found, String file, String now, String before)
            throws Exception {
        isFound(found, AdmissionCrowd.class, file, now, before);
    }

    private void isFound(
            String found,
            Class<? extends LongFunction<String>> crowd,
            String file,
            String now,
            String before)
            throws Exception {
        Change defect = new Change("job/" + file + ".java", now, before);
        String says = Planted.says(crowd, SEED, folder, defect);
        assertTrue(Stream.of(found.split("/")).anyMatch(says::contains), says + ", seed " + SEED);
    }
}
