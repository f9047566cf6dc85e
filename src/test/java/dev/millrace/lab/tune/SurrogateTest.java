package dev.millrace.lab.tune;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class SurrogateTest {
    private static final Setting HERE = new Setting(2, 8, 2, Duration.ofMillis(5));
    private static final Setting NEAR = new Setting(2, 16, 2, Duration.ofMillis(5));
    private static final Setting FAR = new Setting(32, 512, 8, Duration.ofSeconds(1));

    private final Surrogate surrogate =
            new Surrogate(setting -> 100, new Surrogate.Trust(0.01, 0.3, 0.15));

    @Test
    void beforeAnyRunItIsThePrior() {
        assertEquals(100, Math.exp(surrogate.about(HERE).mean()), 1e-9);
        assertEquals(Math.hypot(0.3, 0.15), surrogate.about(HERE).deviation(), 1e-9);
    }

    @Test
    void aRunSaysMostAboutItsOwnSetting() {
        surrogate.add(HERE, 150);
        assertEquals(150, Math.exp(surrogate.about(HERE).mean()), 1);
        double near = surrogate.about(NEAR).deviation();
        double far = surrogate.about(FAR).deviation();
        assertTrue(surrogate.about(HERE).deviation() < near && near < far);
    }

    @Test
    void whatThePriorMissesEverywhereIsLearnedOnce() {
        surrogate.add(HERE, 150);
        double far = Math.exp(surrogate.about(FAR).mean());
        assertTrue(far > 130 && far < 150, () -> "far away " + far);
    }

    @Test
    void repeatedRunsAreAveraged() {
        surrogate.add(HERE, 90);
        surrogate.add(HERE, 110);
        assertEquals(Math.sqrt(90 * 110), Math.exp(surrogate.about(HERE).mean()), 0.1);
    }
}
