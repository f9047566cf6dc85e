package dev.millrace.lab.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.knowm.xchart.CategoryChart;
import org.knowm.xchart.XYChart;

/** The charts of the recorded runs say what they show, and at which rates it was measured. */
class CurveChartsTest {
    private static Results recorded(String name) throws Exception {
        return Results.read(
                new ObjectMapper().readTree(Path.of("docs/bench/" + name + ".json").toFile()));
    }

    @Test
    void everyChartHasUnitsAndAllTogetherFillThePage() throws Exception {
        List<XYChart> charts = CurveCharts.all(recorded("curves").curves());
        assertEquals(4, charts.size());
        for (XYChart chart : charts) {
            assertEquals("load in % of 538 images/s", chart.getXAxisTitle());
            assertFalse(chart.getYAxisTitle().isEmpty(), chart.getTitle());
        }
        for (CategoryChart chart : BenchCharts.all(recorded("bench"))) {
            assertFalse(chart.getYAxisTitle().isEmpty(), chart.getTitle());
        }
    }

    /** From 7 to 249 ms: no decade is empty. */
    @Test
    void theAxisBeginsAndEndsWhereThePointsDo() throws Exception {
        XYChart median = CurveCharts.all(recorded("curves").curves()).getFirst();
        assertEquals(5, median.getStyler().getYAxisMin());
        assertEquals(500, median.getStyler().getYAxisMax());
        assertEquals(0, median.getStyler().getXAxisMin());
        assertEquals(100, median.getStyler().getXAxisMax());
    }

    @Test
    void latenciesOfDifferentRatesNameTheirRates() throws Exception {
        CategoryChart latencies = BenchCharts.all(recorded("bench")).getLast();
        String names = latencies.getSeries("p99").getXData().toString();
        assertTrue(names.contains("sequential 5.2, ") && names.contains("millrace 492.3"), names);
        assertTrue(latencies.getXAxisTitle().contains("images/s"), latencies.getXAxisTitle());
    }
}
