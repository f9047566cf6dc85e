package dev.millrace.gpu.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Hosts as they come, made of stand-ins, each with its line. */
class GpuProbeTest {
    @TempDir private Path folder;

    private GpuStatus probe() {
        return new GpuProbe(new Libraries(List.of(folder), false)).status();
    }

    private void assertAbsent(String... words) {
        String reason = assertInstanceOf(GpuStatus.Absent.class, probe()).reason();
        assertEquals(1, reason.lines().count(), reason);
        for (String word : words) {
            assertTrue(reason.contains(word), reason + " lacks " + word);
        }
    }

    @Test
    void noDriver() {
        assertAbsent("no NVIDIA driver", "libcuda.so.1", "install NVIDIA's driver 580");
    }

    @Test
    void anEmptyLibraryForADriver() throws IOException {
        Fakes.put("empty", folder, "libcuda.so.1");
        assertAbsent("libcuda.so.1 is not NVIDIA's driver", "has no cuInit");
    }

    @Test
    void aFileThatIsNoLibrary() throws IOException {
        Files.writeString(folder.resolve("libcuda.so.1"), "no library");
        assertAbsent("no NVIDIA driver", "libcuda.so.1");
    }

    @Test
    void aDriverWithoutTheRuntime() throws IOException {
        Fakes.put("driver", folder, "libcuda.so.1");
        assertAbsent("a Tesla T4 is here", "CUDA 13 runtime is not", "MILLRACE_GPU_LIBS");
    }

    @Test
    void aRuntimeWithoutTensorRt() throws IOException {
        Fakes.put("driver", folder, "libcuda.so.1");
        Fakes.put("cudart", folder, "libcudart.so.13");
        assertAbsent("a Tesla T4 is here", "TensorRT 10.15 is not", "libnvinfer.so.10");
    }

    @Test
    void anEmptyLibraryForTensorRt() throws IOException {
        Fakes.put("driver", folder, "libcuda.so.1");
        Fakes.put("cudart", folder, "libcudart.so.13");
        Fakes.put("empty", folder, "libnvinfer.so.10");
        assertAbsent("TensorRT 10.15 is not", "has no getInferLibMajorVersion");
    }

    @Test
    void allThatIsNeeded() throws IOException {
        Fakes.put("driver", folder, "libcuda.so.1");
        Fakes.put("cudart", folder, "libcudart.so.13");
        Fakes.put("driver", folder, "libnvinfer.so.10");
        assertEquals(new GpuStatus.Present(List.of(StandIn.GPU)), probe());
    }
}
