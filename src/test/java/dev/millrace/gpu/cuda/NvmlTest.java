package dev.millrace.gpu.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NvmlTest {
    private static final String NAME = "libnvidia-ml.so.1";

    @TempDir private Path folder;

    private Optional<Nvml> open(String bus) {
        return Nvml.open(new Libraries(List.of(folder), false), NAME, bus);
    }

    @Test
    void valuesHaveBaseUnits() throws IOException {
        Fakes.put("driver", folder, NAME);
        Nvml nvml = open("0000:00:1E.0").orElseThrow();
        assertEquals("GPU-fake", nvml.uuid());
        assertEquals(0.75, nvml.utilization());
        assertEquals(15.0 * (1 << 30), nvml.memoryTotalBytes());
        assertEquals(4.0 * (1 << 30), nvml.memoryUsedBytes());
        assertEquals(61.5, nvml.powerWatts());
        assertEquals(1590e6, nvml.clockHertz());
    }

    @Test
    void withoutTheLibraryOrTheGpuThereIsNone() throws IOException {
        assertEquals(Optional.empty(), open("0000:00:1E.0"));
        Fakes.put("driver", folder, NAME);
        assertEquals(Optional.empty(), open("0000:00:00.0"));
    }
}
