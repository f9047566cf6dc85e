package dev.millrace.lab.tune;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.knowm.xchart.CategoryChart;

class ChoiceTest {
    private static final Goal GOAL = new Goal(Duration.ofMillis(200), "99", 0.7);
    private static final Setting DEAR = new Setting(2, 32, 2, Duration.ofMillis(5));
    private static final Setting CHEAP = new Setting(1, 4, 1, Duration.ZERO);
    private static final Setting SLOW = new Setting(1, 1, 1, Duration.ZERO);
    private static final Setting FAST_AND_LATE = new Setting(2, 32, 3, Duration.ofMillis(5));
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
    void whereNothingKeepsTheBoundWhatComesNearestIsNamedAndNothingChosen() {
        // More images per second do not bring a setting nearer to the bound.
        Choice choice = among(run(DEAR, 900, 300), run(CHEAP, 160, 290));
        assertEquals(CHEAP, choice.chosen());
        assertFalse(choice.kept());
        List<String> reasons = new Reasons(choice, GOAL, 2).sentences();
        assertTrue(
                reasons.getFirst()
                        .startsWith("Nothing that was tried keeps the bound of 200 ms; nearest"),
                reasons::toString);
        assertFalse(reasons.toString().contains("Chosen"), reasons::toString);
        String shown = shown(choice);
        assertTrue(shown.contains("<- nearest to the bound"), shown);
        assertFalse(shown.contains("chosen"), shown);
    }

    @Test
    void theBestOtherIsTheFastestThatKeepsTheBound() {
        List<Measurement> measured =
                List.of(
                        run(DEAR, 200, 50),
                        run(CHEAP, 199, 50),
                        run(SLOW, 100, 50),
                        run(FAST_AND_LATE, 400, 210));
        Choice choice = new Choice(measured, CHEAP, List.of(DEAR), 0.01, 0.01, true, FLAT);
        String reasons = new Reasons(choice, GOAL, 4).sentences().toString();
        assertTrue(
                reasons.contains(
                        "fastest other setting that keeps the bound: "
                                + DEAR.key()
                                + " with 200.0 images/s (+0.5 %)"),
                reasons);
    }

    @Test
    void whereNoOtherKeepsTheBoundNoneIsCompared() {
        Choice choice = among(run(CHEAP, 200, 50), run(FAST_AND_LATE, 400, 210));
        String reasons = new Reasons(choice, GOAL, 2).sentences().toString();
        assertTrue(reasons.contains("No other setting that was tried keeps the bound"), reasons);
    }

    /** One hiccup must not be judged otherwise in the table than in the choice. */
    @Test
    void theTableShowsTheLatencyThatASettingIsJudgedBy() {
        Choice choice = among(run(CHEAP, 199, 90), run(CHEAP, 200, 250), run(CHEAP, 201, 90));
        assertTrue(choice.kept());
        assertEquals(Math.cbrt(90.0 * 250 * 90), choice.result().latencyMs(), 1e-6);
        String shown = shown(choice);
        assertTrue(shown.contains("127  ####"), shown);
    }

    @Test
    void aSingleSettingHasAPageAsWell() throws Exception {
        Choice choice = among(run(CHEAP, 200, 50));
        List<String> reasons = new Reasons(choice, GOAL, 1).sentences();
        assertTrue(
                reasons.toString().contains("1 of 1 settings were tried, in 1 run"),
                reasons::toString);
        TuneReport report = new TuneReport(choice.measured(), GOAL, Optional.of(choice));
        assertTrue(TunePage.html(report, reasons).contains("<svg"));
    }

    /** Each bar belongs to one series, and so has one colour. */
    @Test
    void theChartsJudgeASettingAsTheTableDoes() {
        Choice choice =
                among(run(CHEAP, 200, 50), run(SLOW, 100, 60), run(FAST_AND_LATE, 400, 210));
        List<CategoryChart> charts =
                TunePage.charts(new TuneReport(choice.measured(), GOAL, Optional.of(choice)));
        CategoryChart rates = charts.getFirst();
        CategoryChart latencies = charts.getLast();
        // The slowest first.
        assertEquals(
                List.of(SLOW.key(), CHEAP.key(), FAST_AND_LATE.key()),
                rates.getSeries("chosen").getXData());
        assertArrayEquals(new double[] {0.0, 200.0, 0.0}, rates.getSeries("chosen").getYData());
        assertArrayEquals(
                new double[] {100.0, 0.0, 0.0}, rates.getSeries("keeps the bound").getYData());
        assertArrayEquals(
                new double[] {0.0, 0.0, 400.0}, rates.getSeries("misses the bound").getYData());
        assertEquals("images/s", rates.getYAxisTitle());
        assertArrayEquals(
                new double[] {200.0, 200.0, 200.0}, latencies.getSeries("bound").getYData());
        assertEquals("ms", latencies.getYAxisTitle());
        assertEquals("threads x batch x lanes x linger", latencies.getXAxisTitle());
        Choice none = among(run(CHEAP, 160, 290), run(FAST_AND_LATE, 400, 300));
        CategoryChart nearest =
                TunePage.charts(new TuneReport(none.measured(), GOAL, Optional.of(none)))
                        .getFirst();
        assertArrayEquals(
                new double[] {160.0, 0.0}, nearest.getSeries("nearest to the bound").getYData());
        assertNull(nearest.getSeries("chosen"));
    }

    private static String shown(Choice choice) {
        ByteArrayOutputStream shown = new ByteArrayOutputStream();
        new TuneReport(choice.measured(), GOAL, Optional.of(choice))
                .print(new PrintStream(shown, true, StandardCharsets.UTF_8));
        return shown.toString(StandardCharsets.UTF_8);
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
