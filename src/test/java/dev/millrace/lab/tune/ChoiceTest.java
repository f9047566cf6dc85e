package dev.millrace.lab.tune;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class ChoiceTest {
    private static final Goal GOAL = new Goal(Duration.ofMillis(200), "99", 0.7);
    private static final Setting DEAR = new Setting(2, 32, 2, Duration.ofMillis(5));
    private static final Setting CHEAP = new Setting(1, 4, 1, Duration.ZERO);
    private static final Prior FLAT =
            new Prior(2, 5, 5, new CostLine(0, 0.1), new CostLine(0, 0.1), GOAL);

    @Test
    void withinTheNoiseTheCheaperIsChosen() {
        Choice choice =
                among(
                        run(DEAR, 200, 50),
                        run(CHEAP, 199, 50),
                        run(DEAR, 204, 50),
                        run(CHEAP, 201, 50));
        assertEquals(CHEAP, choice.chosen());
        assertEquals(List.of(DEAR), choice.alike());
    }

    @Test
    void beyondTheNoiseTheFasterIsChosen() {
        Choice choice =
                among(
                        run(DEAR, 200, 50),
                        run(CHEAP, 160, 50),
                        run(DEAR, 201, 50),
                        run(CHEAP, 161, 50));
        assertEquals(DEAR, choice.chosen());
        assertTrue(choice.noise() < 0.01);
    }

    @Test
    void whatMissesTheBoundIsNotChosen() {
        Choice choice = among(run(DEAR, 300, 210), run(CHEAP, 160, 50));
        assertEquals(CHEAP, choice.chosen());
        assertTrue(choice.kept());
    }

    @Test
    void whereNothingKeepsTheBoundThatIsSaid() {
        Choice choice = among(run(DEAR, 300, 900), run(CHEAP, 160, 210));
        assertEquals(CHEAP, choice.chosen());
        assertFalse(choice.kept());
        List<String> reasons = new Reasons(choice, GOAL, 2).sentences();
        assertTrue(reasons.getFirst().contains("above the bound of 200 ms"), reasons::toString);
    }

    @Test
    void aNoisyMachineIsNamed() {
        Choice choice = among(run(DEAR, 200, 50), run(DEAR, 300, 50));
        List<String> reasons = new Reasons(choice, GOAL, 2).sentences();
        assertTrue(reasons.getLast().contains("try again on an idle machine"), reasons::toString);
    }

    private static Choice among(Measurement... runs) {
        return Choice.among(List.of(runs), GOAL, FLAT);
    }

    private static Measurement run(Setting setting, double imagesPerSecond, double latencyMs) {
        return new Measurement(
                setting, imagesPerSecond, latencyMs, 5, 7, 3, 0.5, 2, "limited by: x");
    }
}
