package dev.millrace.gpu.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whichever call of CUDA a load fails at, the GPU has everything back. */
class FailedLoadsTest {
    @TempDir private Path folder;

    @Test
    void aLoadThatFailsLeavesNothingOnTheGpu() throws Exception {
        List<String> said =
                ChildJvm.run(FailedLoads.class, folder, GpuStandIn.environment("", ""))
                        .lines()
                        .filter(line -> line.contains(" loads failed, "))
                        .toList();
        assertEquals(11, said.size(), said::toString);
        for (String line : said) {
            assertTrue(line.endsWith("left: 0"), line);
        }
        // And there were failures: of memory, of streams and of events nothing takes the place.
        for (String call : List.of("cudaMalloc", "cudaStreamCreate", "cudaEventCreate")) {
            assertTrue(
                    said.stream()
                            .anyMatch(
                                    line ->
                                            line.startsWith(call)
                                                    && !line.contains(": 0 loads failed")),
                    said::toString);
        }
    }
}
