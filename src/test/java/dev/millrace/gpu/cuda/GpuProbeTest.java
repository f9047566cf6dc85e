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

    private void putAll() throws IOException {
        Fakes.put("driver", folder, "libcuda.so.1");
        Fakes.put("cudart", folder, "libcudart.so.13");
        Fakes.put("driver", folder, "libnvinfer.so.10");
    }

    /** With a stand-in of the driver that answers with {@code number} instead of the usual. */
    private void assertAbsentWhen(String variable, int number, int usual, String line)
            throws IOException {
        putAll();
        Fakes.tell(variable, number);
        try {
            String reason = assertInstanceOf(GpuStatus.Absent.class, probe()).reason();
            assertEquals(line.formatted(folder), reason);
        } finally {
            Fakes.tell(variable, usual);
        }
    }

    @Test
    void aDriverThatDoesNotStart() throws IOException {
        assertAbsentWhen(
                "FAKE_CU_INIT",
                100,
                0,
                "NVIDIA's driver does not start (cuInit gives 100, no device); see what nvidia-smi says");
        assertAbsentWhen(
                "FAKE_CU_INIT",
                803,
                0,
                "NVIDIA's driver does not start (cuInit gives 803); see what nvidia-smi says");
    }

    @Test
    void aDriverThatIsTooOld() throws IOException {
        assertAbsentWhen(
                "FAKE_DRIVER_VERSION",
                12080,
                13010,
                "NVIDIA's driver serves CUDA 12.8 and this build needs 13.0; install driver 580 or newer");
    }

    @Test
    void aDriverThatFails() throws IOException {
        assertAbsentWhen(
                "FAKE_TOTAL_MEM",
                999,
                0,
                "NVIDIA's driver fails (cuDeviceTotalMem_v2 gives 999); see what nvidia-smi says");
    }

    @Test
    void aDriverWithoutAGpu() throws IOException {
        assertAbsentWhen(
                "FAKE_CARDS",
                0,
                1,
                "NVIDIA's driver shows no GPU; see what nvidia-smi says and whether"
                        + " CUDA_VISIBLE_DEVICES hides it");
    }

    @Test
    void aGpuThatIsTooOld() throws IOException {
        assertAbsentWhen(
                "FAKE_CAPABILITY_MAJOR",
                6,
                7,
                "the Tesla T4 is sm_65 and TensorRT 10.15 needs sm_75 or newer; hide it with"
                        + " CUDA_VISIBLE_DEVICES");
    }

    @Test
    void anotherTensorRt() throws IOException {
        assertAbsentWhen(
                "FAKE_TENSORRT_MAJOR",
                9,
                10,
                "a Tesla T4 is here, but TensorRT 10.15 is not (%s/libnvinfer.so.10 is TensorRT"
                        + " 9.15.1.29); install it, or name its folder in MILLRACE_GPU_LIBS");
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
        putAll();
        assertEquals(new GpuStatus.Present(List.of(StandIn.GPU)), probe());
    }
}
