package dev.millrace.lab.tune;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.io.IOException;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import org.junit.jupiter.api.Test;

class SweepsTest {
    private static final Setting A = Setting.parse("1x4x1x0ms");
    private static final Setting B = Setting.parse("2x8x2x5ms");

    @Test
    void settingsTakeTurnsAndAreComparedRoundByRound() throws IOException {
        List<Setting> order = Sweeps.inTurns(List.of(A, B), 3);
        assertEquals(List.of(A, B, A, B, A, B), order);
        // The machine gets slower, the ratio stays.
        double[] speed = {200, 100, 100, 50, 50, 20};
        int[] next = {0};
        List<Measurement> measured = Sweeps.run(order, setting -> run(setting, speed[next[0]++]));
        assertEquals(
                List.of(
                        "1x4x1x0ms is 2.000 times as fast as 2x8x2x5ms (2.000 to 2.500 in 3 rounds)"),
                Sweeps.ratios(measured, A));
    }

    @Test
    void everySettingIsInAShuffledSweepOnce() {
        Grid grid = Grid.of(4);
        List<Setting> order = Sweeps.shuffled(grid, 1);
        assertEquals(new HashSet<>(grid.settings()), new HashSet<>(order));
        assertEquals(grid.settings().size(), order.size());
        assertNotEquals(grid.settings(), order);
        assertEquals(order, Sweeps.shuffled(grid, 1));
    }

    @Test
    void aSettingIsWrittenAsItIsRead() {
        assertEquals(new Setting(2, 8, 2, Duration.ofMillis(5)), B);
        assertEquals("2x8x2x5ms", B.key());
        assertEquals("1 preprocess thread, batches of up to 4, 1 lane, linger 0 ms", A.words());
    }

    private static Measurement run(Setting setting, double imagesPerSecond) {
        return new Measurement(setting, imagesPerSecond, 1, 1, 1, 1, 1, 1, "");
    }
}
