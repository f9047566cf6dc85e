package dev.millrace.gpu.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.gpu.DeviceException;
import dev.millrace.gpu.GpuInfo;
import dev.millrace.nativelib.DynamicLibrary;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Hosts as they come, made of stand-ins, each with its line. */
class GpuProbeTest {
    @TempDir private Path folder;

    private GpuStatus probe() {
        return probe(Map.of());
    }

    /** On a machine whose kernel shows what is in {@code root}. */
    private GpuStatus probe(Map<String, String> environment) {
        return new GpuProbe(
                        new Libraries(List.of(folder), false),
                        new NvidiaHardware(folder.resolve("root"), environment))
                .status();
    }

    private void kernelShows(String file, String content) throws IOException {
        Path path = folder.resolve("root").resolve(file);
        Files.createDirectories(path.getParent());
        Files.writeString(path, content);
    }

    private void assertUnusable(String... words) {
        String reason = assertInstanceOf(GpuStatus.Unusable.class, probe()).reason();
        assertEquals(1, reason.lines().count(), reason);
        for (String word : words) {
            assertTrue(reason.contains(word), reason + " lacks " + word);
        }
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
    private void assertUnusableWhen(String call, int answer, String line) throws Exception {
        putAll();
        tell(call, answer);
        String reason = assertInstanceOf(GpuStatus.Unusable.class, probe()).reason();
        assertEquals(line.formatted(folder), reason);
    }

    private void tell(String call, int answer) throws Exception {
        try (Arena arena = Arena.ofConfined()) {
            for (String soname : List.of("libcuda.so.1", "libnvinfer.so.10")) {
                DynamicLibrary.open(folder.resolve(soname).toString())
                        .call("fake_tell", arena.allocateFrom(call), answer);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        "cuInit, 100, 'NVIDIA''s driver does not start (cuInit gives 100, no device)'",
        "cuDeviceGetCount, 0, NVIDIA's driver shows no GPU"
    })
    void whereTheDriverFindsNoDeviceTheKernelDecides(String call, int answer, String words)
            throws Exception {
        putAll();
        tell(call, answer);
        assertAbsent(words);
        kernelShows("dev/nvidia0", "");
        assertUnusable("/dev/nvidia0 says that an NVIDIA GPU is here, but: " + words);
        for (String hidden : List.of("", "-1")) {
            GpuStatus status = probe(Map.of("CUDA_VISIBLE_DEVICES", hidden));
            String reason = assertInstanceOf(GpuStatus.Absent.class, status).reason();
            assertTrue(reason.contains("CUDA_VISIBLE_DEVICES hides every GPU"), reason);
        }
    }

    @Test
    void aDeviceWhoseDriverIsNotThereIsNoAbsence() throws IOException {
        kernelShows("dev/nvidiactl", "");
        assertUnusable("/dev/nvidiactl says", "no NVIDIA driver", "580");
    }

    /** WSL shows any maker's GPU as the same device. */
    @Test
    void theDeviceOfWslCountsBesideNvidiasLibrary() throws IOException {
        kernelShows("dev/dxg", "");
        assertAbsent("no NVIDIA driver");
        kernelShows("usr/lib/wsl/lib/libcuda.so.1", "");
        assertUnusable("/dev/dxg says");
    }

    /** A container sees its host's, and a desktop's card needs no driver of NVIDIA's. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aTraceOfACardCountsWhereSomethingOfNvidiasIsInstalled(boolean pci) throws IOException {
        String words = pci ? "the PCI bus (0000:00:1e.0) says" : "/proc/driver/nvidia/version says";
        if (pci) {
            kernelShows("sys/bus/pci/devices/0000:00:1e.0/vendor", "0x10de\n");
            kernelShows("sys/bus/pci/devices/0000:00:1e.0/class", "0x040300\n");
            assertAbsent("no NVIDIA driver");
            kernelShows("sys/bus/pci/devices/0000:00:1e.0/class", "0x030200\n");
        } else {
            kernelShows("proc/driver/nvidia/version", "NVRM version: 580");
        }
        assertAbsent(words, "no NVIDIA driver");
        assertTrue(assertInstanceOf(GpuStatus.Absent.class, probe()).notable());
        Fakes.put("driver", folder, "libnvinfer.so.10");
        assertUnusable(words, "no NVIDIA driver");
    }

    @Test
    void anOldCardBesideAGoodOneRefusesOnlyItself() throws Exception {
        putAll();
        String said =
                ChildJvm.run(ProbeOfTwoCards.class, folder, Map.of("FAKE_CUDA", "devices=6.1,7.5"));
        assertEquals(
                List.of(
                        "usable: 1 Tesla T4 sm_75",
                        "refused: 0, the Tesla P4 is sm_61 and TensorRT 10.15 needs sm_75 or newer",
                        "GPU 0: the Tesla P4 is sm_61 and TensorRT 10.15 needs sm_75 or newer;"
                                + " choose 1 (Tesla T4)",
                        "there is no GPU 2: the driver shows 2, counted from 0; choose 1 (Tesla T4)"),
                said.lines().toList());
    }

    /** What two cards look like to a process; the stand-in reads its cards once. */
    static final class ProbeOfTwoCards {
        private ProbeOfTwoCards() {}

        public static void main(String[] arguments) {
            Libraries libraries = new Libraries(List.of(Path.of(arguments[0])), false);
            GpuStatus status = new GpuProbe(libraries).status();
            GpuStatus.Present found = (GpuStatus.Present) status;
            for (GpuInfo gpu : found.gpus()) {
                System.out.printf(
                        "usable: %s %s %s%n", gpu.index(), gpu.name(), gpu.architecture());
            }
            found.refused().forEach((i, why) -> System.out.println("refused: " + i + ", " + why));
            for (int wrong : new int[] {0, 2}) {
                try {
                    CudaDevice.gpu(status, wrong);
                } catch (DeviceException e) {
                    System.out.println(e.getMessage());
                }
            }
        }
    }

    @Test
    void librariesOfAnotherDriverAreNamed() throws Exception {
        assertUnusableWhen(
                "cuInit",
                804,
                "NVIDIA's driver does not start (cuInit gives 804, CUDA's compatibility libraries"
                        + " do not serve this card); see what nvidia-smi says");
    }

    @Test
    void aDriverThatDoesNotStart() throws Exception {
        assertUnusableWhen(
                "cuInit",
                803,
                "NVIDIA's driver does not start (cuInit gives 803, the driver's libraries are not those"
                        + " of the kernel's driver); see what nvidia-smi says");
    }

    @Test
    void aDriverThatIsTooOld() throws Exception {
        assertUnusableWhen(
                "cuDriverGetVersion",
                12080,
                "NVIDIA's driver serves CUDA 12.8 and this build needs 13.0; install driver 580 or"
                        + " newer, or on a data-centre card (T4, A10, A100, L4, H100; no GeForce) put"
                        + " CUDA's compatibility libraries first in LD_LIBRARY_PATH (package"
                        + " cuda-compat-13-1, in /usr/local/cuda/compat)");
    }

    @Test
    void aDriverThatFails() throws Exception {
        assertUnusableWhen(
                "cuDeviceTotalMem_v2",
                999,
                "NVIDIA's driver fails (cuDeviceTotalMem_v2 gives 999); see what nvidia-smi says");
    }

    @Test
    void aGpuThatIsTooOld() throws Exception {
        assertUnusableWhen(
                "cuDeviceGetAttribute",
                6,
                "the Tesla T4 is sm_65 and TensorRT 10.15 needs sm_75 or newer");
    }

    @Test
    void anotherTensorRt() throws Exception {
        assertUnusableWhen(
                "getInferLibMajorVersion",
                9,
                "a Tesla T4 is here, but TensorRT 10.15 is not (%s/libnvinfer.so.10 is TensorRT"
                        + " 9.15.1.29); install it, or name its folder in MILLRACE_GPU_LIBS");
    }

    @Test
    void aDriverWithoutTheRuntime() throws IOException {
        Fakes.put("driver", folder, "libcuda.so.1");
        assertUnusable("a Tesla T4 is here", "CUDA 13 runtime is not", "MILLRACE_GPU_LIBS");
    }

    @Test
    void aRuntimeWithoutTensorRt() throws IOException {
        Fakes.put("driver", folder, "libcuda.so.1");
        Fakes.put("cudart", folder, "libcudart.so.13");
        assertUnusable("a Tesla T4 is here", "TensorRT 10.15 is not", "libnvinfer.so.10");
    }

    @Test
    void anEmptyLibraryForTensorRt() throws IOException {
        Fakes.put("driver", folder, "libcuda.so.1");
        Fakes.put("cudart", folder, "libcudart.so.13");
        Fakes.put("empty", folder, "libnvinfer.so.10");
        assertUnusable("TensorRT 10.15 is not", "has no getInferLibMajorVersion");
    }

    @Test
    void allThatIsNeeded() throws IOException {
        putAll();
        assertEquals(new GpuStatus.Present(List.of(StandIn.GPU), new TreeMap<>()), probe());
    }
}
