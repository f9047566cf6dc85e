package dev.millrace.observe;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.job.Admission;
import dev.millrace.job.Counters;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code /metrics} shows of a GPU, over a stand-in of NVML. */
class GpuMetricsTest {
    @TempDir private Path folder;

    private static Metrics metrics() {
        return new Metrics(new Counters(), new Admission(16, 1 << 20, 4, 60, 0));
    }

    @Test
    void aGpuIsShownUnderTritonsNames() throws IOException {
        String said = GpuScrape.text(folder);
        for (String line :
                new String[] {
                    "nv_gpu_utilization{gpu_uuid=\"GPU-fake\"} 0.75",
                    "nv_gpu_memory_total_bytes{gpu_uuid=\"GPU-fake\"} 1.610612736E10",
                    "nv_gpu_memory_used_bytes{gpu_uuid=\"GPU-fake\"} 4.294967296E9",
                    "nv_gpu_power_usage{gpu_uuid=\"GPU-fake\"} 61.5",
                    "millrace_gpu_clock_hertz{gpu_uuid=\"GPU-fake\"} 1.59E9"
                }) {
            assertTrue(said.lines().anyMatch(line::equals), said + " lacks " + line);
        }
    }

    @Test
    void withoutAGpuThereIsNothingOfIt() {
        try (Metrics metrics = metrics()) {
            assertFalse(metrics.scrape().contains("gpu"));
        }
    }
}
