package dev.millrace.worker;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.millrace.config.ConfigException;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A worker that had a GPU is not followed by one on the CPU. */
class LastDeviceTest {
    @TempDir private Path folder;

    private LastDevice after(String boot) {
        return new LastDevice(Optional.of(folder.resolve("state/gpu")), boot);
    }

    @Test
    void aGpuThatVanishedIsMissed() {
        assertDoesNotThrow(() -> after("this boot").requireNoGpu("no device"));
        after("this boot").isGpu("Tesla T4");
        ConfigException missed =
                assertThrows(
                        ConfigException.class, () -> after("this boot").requireNoGpu("no device"));
        assertEquals(
                "device.type: 'auto' used a Tesla T4 at the last start, which cannot be used now: no"
                        + " device; write 'host' to go on with the CPU",
                missed.getMessage());
    }

    @Test
    void anotherMachineMayHaveNone() {
        after("that boot").isGpu("Tesla T4");
        assertDoesNotThrow(() -> after("this boot").requireNoGpu("no device"));
        LastDevice nowhere = new LastDevice(Optional.empty(), "this boot");
        nowhere.isGpu("Tesla T4");
        assertDoesNotThrow(() -> nowhere.requireNoGpu("no device"));
    }
}
