package dev.millrace.lab.tune;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import org.junit.jupiter.api.Test;

/** The queueing model names the slowest part. */
class PriorTest {
    private static final Goal GOAL = new Goal(Duration.ofMillis(200), "99", 0.7);

    @Test
    void oneThreadIsTheLimitOfWhatOneThreadDecodes() {
        Prior prior = prior(4, 5, 1, new CostLine(2, 0.25));
        assertEquals(200, prior.imagesPerSecond(setting(1, 8, 2, 5)), 1e-6);
    }

    @Test
    void allCoresShareWhatAnImageCosts() {
        Prior prior = prior(2, 3, 2, new CostLine(2, 0.25));
        assertEquals(400, prior.imagesPerSecond(setting(2, 8, 2, 5)), 1e-6);
        assertEquals(400, prior.imagesPerSecond(setting(8, 8, 2, 5)), 1e-6);
    }

    @Test
    void aSlowDeviceIsTheLimitAndLargerBatchesHelpIt() {
        Prior prior = prior(8, 1, 1, new CostLine(60, 4));
        assertEquals(1e3 / 64, prior.imagesPerSecond(setting(8, 1, 2, 5)), 1e-6);
        assertEquals(32e3 / 188, prior.imagesPerSecond(setting(8, 32, 2, 5)), 1e-6);
    }

    @Test
    void latencyGrowsWithTheBatchAndWithTheLinger() {
        Prior prior = prior(8, 1, 1, new CostLine(60, 4));
        double small = prior.latencyMs(setting(8, 1, 2, 0));
        double large = prior.latencyMs(setting(8, 32, 2, 0));
        assertTrue(large > small, () -> small + " and " + large);
        assertEquals(large + 5, prior.latencyMs(setting(8, 32, 2, 5)), 1e-6);
        assertEquals(
                prior.latencyMs(setting(8, 32, 1, 0)),
                prior.latencyMs(setting(8, 32, 1, 5)),
                1e-6,
                "with one lane nothing lingers");
    }

    private static Prior prior(int cores, double decodeMs, double otherMs, CostLine device) {
        return new Prior(cores, decodeMs, otherMs, device, device, GOAL);
    }

    private static Setting setting(int threads, int batch, int lanes, int lingerMs) {
        return new Setting(threads, batch, lanes, Duration.ofMillis(lingerMs));
    }
}
