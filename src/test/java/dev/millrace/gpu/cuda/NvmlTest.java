package dev.millrace.gpu.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NvmlTest {
    private static final String NAME = "libnvidia-ml.so.1";

    @TempDir private Path folder;

    private Optional<Nvml> open(String bus) {
        return Nvml.open(new Libraries(List.of(folder), false), NAME, bus, Optional.empty());
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

    @Test
    void aMigInstanceHasItsOwnFiguresAndNoneOfTheCards() throws Exception {
        Fakes.put("driver", folder, NAME);
        Fakes.put("driver", folder, "libcuda.so.1");
        String said =
                ChildJvm.run(
                        OfAnInstance.class,
                        folder,
                        Map.of("FAKE_CUDA", "mig=1", "JAVA_TOOL_OPTIONS", ChildJvm.LOG));
        List<String> lines = said.lines().toList();
        assertTrue(
                said.contains(
                        "MIG-00000000-0000-0000-0000-000000000000 is a MIG instance: its memory is"
                                + " known, its utilisation, power and clock are not"),
                said);
        assertTrue(
                lines.contains("MIG-00000000-0000-0000-0000-000000000000 8053063680 NaN NaN NaN"),
                said);
        assertTrue(
                said.contains(
                        "no metrics of the GPU: the GPU is split by MIG, and NVML does not show the"
                                + " instance 00000000-0000-0000-0000-000000000009"),
                said);
        assertTrue(lines.contains("another: Optional.empty"), said);
    }

    /** Reads an instance of the stand-in, whose options are its environment's. */
    static final class OfAnInstance {
        private OfAnInstance() {}

        public static void main(String[] arguments) {
            Libraries libraries = new Libraries(List.of(Path.of(arguments[0])), false);
            Optional<String> own = DriverUuid.of(libraries, 0);
            Nvml nvml = Nvml.open(libraries, NAME, "0000:00:1E.0", own).orElseThrow();
            System.out.printf(
                    "%s %.0f %s %s %s%n",
                    nvml.uuid(),
                    nvml.memoryTotalBytes(),
                    nvml.utilization(),
                    nvml.powerWatts(),
                    nvml.clockHertz());
            Optional<String> other = Optional.of("00000000-0000-0000-0000-000000000009");
            System.out.println("another: " + Nvml.open(libraries, NAME, "0000:00:1E.0", other));
        }
    }
}
