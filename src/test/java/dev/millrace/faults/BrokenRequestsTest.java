package dev.millrace.faults;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.faults.Undefended.Change;
import dev.millrace.testing.Planted;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Broken requests do the parser no harm, and find what once did. */
class BrokenRequestsTest {
    private static final long SEED = Long.getLong("millrace.seed", 20_260_117);

    @TempDir private Path folder;

    @Test
    void eachIsTakenOrRefusedByName() {
        assertEquals("", new BrokenRequests().apply(SEED), "seed " + SEED);
    }

    @Test
    void anExponentThatNobodyCanComputeIsFound() throws Exception {
        isFound(
                "[eE]-?[0-9]{10}",
                StrangeBodies.NUMBERS_ARE_READ,
                StrangeBodies.ONLY_FAULTS_OF_JSON);
    }

    @Test
    void halfOfACharacterIsFound() throws Exception {
        isFound("ud83d", StrangeBodies.HALVES_ARE_READ);
    }

    private void isFound(String inTheInput, Change... defect) throws Exception {
        String says = Planted.says(BrokenRequests.class, SEED, folder, defect);
        assertTrue(says.matches("(?s).*" + inTheInput + ".*"), says + ", seed " + SEED);
    }
}
