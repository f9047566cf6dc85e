package dev.millrace.lab.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.config.ConfigException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** Which folder is meant by a task on the command line of the laboratory. */
class ThisMachineTest {
    @Test
    void aNameIsAFolderOfEngines() {
        assertTrue(ThisMachine.bundle("safety").endsWith("engines/safety"));
    }

    /** The paths that documents show begin where the user stands. */
    @Test
    void aPathBeginsWhereTheUserStands() {
        Path colors = Path.of("src/test/resources/engines/colors");
        assertEquals(colors, ThisMachine.bundle(colors.toString()));
        assertEquals(
                colors.toAbsolutePath(), ThisMachine.bundle(colors.toAbsolutePath().toString()));
    }

    @Test
    void neitherIsOneLine() {
        ConfigException no =
                assertThrows(ConfigException.class, () -> ThisMachine.bundle("engines/saftey"));
        assertTrue(
                no.getMessage().contains("objects, safety, text")
                        && no.getMessage().lines().count() == 1,
                no.getMessage());
    }
}
