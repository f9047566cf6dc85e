package dev.millrace.observe;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.millrace.gpu.cuda.CudaDevice;
import dev.millrace.gpu.cuda.Nvml;
import dev.millrace.job.Admission;
import dev.millrace.job.Counters;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** What {@code /metrics} says where there is a GPU, by a stand-in of NVIDIA's libraries. */
public final class GpuScrape {
    private static final String FOLDERS = "millrace.gpu.libs";

    private GpuScrape() {}

    /**
     * @param folder is empty, and gets the libraries
     */
    public static String text(Path folder) throws IOException {
        for (String soname : List.of("libcuda.so.1", "libnvinfer.so.10", "libnvidia-ml.so.1")) {
            put("driver", folder.resolve(soname));
        }
        put("cudart", folder.resolve("libcudart.so.13"));
        System.setProperty(FOLDERS, folder.toString());
        try (CudaDevice gpu = CudaDevice.open(0, false);
                Metrics metrics =
                        new Metrics(new Counters(), new Admission(16, 1 << 20, 4, 60, 0))) {
            Nvml.open(gpu).ifPresent(metrics::gpu);
            System.gc();
            return metrics.scrape();
        } finally {
            System.clearProperty(FOLDERS);
        }
    }

    private static void put(String fake, Path file) throws IOException {
        Path built =
                Path.of(
                        System.getProperty("millrace.fakes", "target/native"),
                        "libfake_" + fake + ".so");
        assumeTrue(Files.exists(built), built + " was not built (no C++ compiler)");
        Files.copy(built, file);
    }
}
