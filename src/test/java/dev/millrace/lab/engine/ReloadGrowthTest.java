package dev.millrace.lab.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.lab.engine.ReloadGrowth.Used;
import org.junit.jupiter.api.Test;

class ReloadGrowthTest {
    private static final long MIB = 1 << 20;

    private static ReloadGrowth growth(Used before, Used once, Used twice) {
        return new ReloadGrowth(20, before, once, twice);
    }

    /** A library that fills its pools during the first reloads. */
    @Test
    void whatTheFirstReloadsTakeIsNoLeak() {
        Used full = new Used(150 * MIB, 400 * MIB);
        ReloadGrowth flat = growth(new Used(100 * MIB, 200 * MIB), full, full);
        assertTrue(flat.isFlat());
        assertEquals(0, flat.deviceBytesEach());
        assertEquals(
                "20 and then 20 reloads: 0.0 KiB of the GPU's memory and 0.0 KiB of the process"
                        + " lost with each",
                flat.words());
    }

    @Test
    void aContextThatIsLostWithEachReloadShows() {
        Used start = new Used(100 * MIB, 200 * MIB);
        Used once = new Used(100 * MIB + 20 * 65536, 200 * MIB);
        ReloadGrowth device = growth(start, once, new Used(100 * MIB + 40 * 65536, 200 * MIB));
        assertFalse(device.isFlat());
        assertEquals(65536, device.json().path("device_bytes_per_reload").asLong());

        ReloadGrowth host = growth(start, start, new Used(100 * MIB, 240 * MIB));
        assertTrue(host.isFlat(), "the process's memory is told only");
        assertEquals(2 * MIB, host.json().path("resident_bytes_per_reload").asLong());
    }
}
