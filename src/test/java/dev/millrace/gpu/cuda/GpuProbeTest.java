package dev.millrace.gpu.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.nativelib.DynamicLibrary;
import java.io.IOException;
import java.lang.foreign.Arena;
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

    /** With stand-ins of which one answers a call otherwise. */
    private void assertAbsentWhen(String call, int answer, String line) throws Exception {
        putAll();
        try (Arena arena = Arena.ofConfined()) {
            for (String soname : List.of("libcuda.so.1", "libnvinfer.so.10")) {
                DynamicLibrary.open(folder.resolve(soname).toString())
                        .call("fake_tell", arena.allocateFrom(call), answer);
            }
        }
        String reason = assertInstanceOf(GpuStatus.Absent.class, probe()).reason();
        assertEquals(line.formatted(folder), reason);
    }

    @Test
    void aDriverThatFindsNoDevice() throws Exception {
        assertAbsentWhen(
                "cuInit",
                100,
                "NVIDIA's driver does not start (cuInit gives 100, no device); see what nvidia-smi says");
    }

    @Test
    void aDriverThatDoesNotStart() throws Exception {
        assertAbsentWhen(
                "cuInit",
                803,
                "NVIDIA's driver does not start (cuInit gives 803); see what nvidia-smi says");
    }

    @Test
    void aDriverThatIsTooOld() throws Exception {
        assertAbsentWhen(
                "cuDriverGetVersion",
                12080,
                "NVIDIA's driver serves CUDA 12.8 and this build needs 13.0; install driver 580 or newer");
    }

    @Test
    void aDriverThatFails() throws Exception {
        assertAbsentWhen(
                "cuDeviceTotalMem_v2",
                999,
                "NVIDIA's driver fails (cuDeviceTotalMem_v2 gives 999); see what nvidia-smi says");
    }

    @Test
    void aDriverWithoutAGpu() throws Exception {
        assertAbsentWhen(
                "cuDeviceGetCount",
                0,
                "NVIDIA's driver shows no GPU; see what nvidia-smi says and whether"
                        + " CUDA_VISIBLE_DEVICES hides it");
    }

    @Test
    void aGpuThatIsTooOld() throws Exception {
        assertAbsentWhen(
                "cuDeviceGetAttribute",
                6,
                "the Tesla T4 is sm_65 and TensorRT 10.15 needs sm_75 or newer; hide it with"
                        + " CUDA_VISIBLE_DEVICES");
    }

    @Test
    void anotherTensorRt() throws Exception {
        assertAbsentWhen(
                "getInferLibMajorVersion",
                9,
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
