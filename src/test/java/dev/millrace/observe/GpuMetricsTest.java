package dev.millrace.observe;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.millrace.gpu.cuda.CudaDevice;
import dev.millrace.gpu.cuda.Nvml;
import dev.millrace.job.Admission;
import dev.millrace.job.Counters;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code /metrics} shows of a GPU, over a stand-in of NVML. */
class GpuMetricsTest {
    private static final String FOLDERS = "millrace.gpu.libs";

    @TempDir private Path folder;

    @AfterEach
    void forget() {
        System.clearProperty(FOLDERS);
    }

    private static Metrics metrics() {
        return new Metrics(new Counters(), new Admission(16, 1 << 20, 4, 60, 0));
    }

    private void put(String fake, String soname) throws IOException {
        Path file =
                Path.of(
                        System.getProperty("millrace.fakes", "target/native"),
                        "libfake_" + fake + ".so");
        assumeTrue(Files.exists(file), file + " was not built (no C++ compiler)");
        Files.copy(file, folder.resolve(soname));
    }

    @Test
    void aGpuIsShownUnderTritonsNames() throws IOException {
        for (String soname :
                new String[] {"libcuda.so.1", "libnvinfer.so.10", "libnvidia-ml.so.1"}) {
            put("driver", soname);
        }
        put("cudart", "libcudart.so.13");
        System.setProperty(FOLDERS, folder.toString());
        try (CudaDevice gpu = CudaDevice.open(0, false);
                Metrics metrics = metrics()) {
            Nvml.open(gpu).ifPresent(metrics::gpu);
            System.gc();
            String said = metrics.scrape();
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
    }

    @Test
    void withoutAGpuThereIsNothingOfIt() {
        try (Metrics metrics = metrics()) {
            assertFalse(metrics.scrape().contains("gpu"));
        }
    }
}
