package dev.millrace.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.millrace.testing.CommandProcess;
import dev.millrace.testing.Slow;
import dev.millrace.testing.WaitsMostly;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The commands in processes of their own on a machine with NVIDIA's hardware, made of stand-ins:
 * what cannot be used ends with one line, and never on the CPU.
 */
@WaitsMostly
@Slow
class UnusableGpuIT {
    private static final int SECONDS = 120;

    @TempDir private Path folder;

    @BeforeEach
    void put() throws IOException {
        Files.createDirectories(folder.resolve("libraries"));
        for (String soname : List.of("libcuda.so.1", "libnvinfer.so.10")) {
            put("driver", soname);
        }
        put("cudart", "libcudart.so.13");
    }

    private void put(String fake, String soname) throws IOException {
        Path file =
                Path.of(
                                System.getProperty("millrace.fakes", "target/native"),
                                "libfake_" + fake + ".so")
                        .toAbsolutePath();
        assumeTrue(Files.exists(file), file + " was not built (no C++ compiler)");
        Files.copy(file, folder.resolve("libraries").resolve(soname));
    }

    private CommandProcess.End run(String cuda, String... arguments) throws Exception {
        CommandProcess.End ended =
                CommandProcess.run(
                        List.of("env", "FAKE_CUDA=" + cuda),
                        SECONDS,
                        List.of(
                                "-XX:ErrorFile=" + folder.resolve("hs_err.log"),
                                "-Dmillrace.gpu.libs=" + folder.resolve("libraries")),
                        List.of(arguments));
        assertFalse(ended.said().contains("\tat "), ended.said());
        assertFalse(Files.exists(folder.resolve("hs_err.log")), ended.said());
        return ended;
    }

    private String config(String more) throws IOException {
        String yaml =
                """
                queue: {url: "http://127.0.0.1:1/000000000000/images"}
                models:
                  - {task: safety, bundle: "%s"}
                """
                        .formatted(Path.of("engines/safety").toAbsolutePath());
        return Files.writeString(folder.resolve("worker.yaml"), yaml + more).toString();
    }

    @Test
    void aDriverThatIsTooOldIsOneLineAndNoWorkerOnTheCpu() throws Exception {
        CommandProcess.End worker = run("driver=12080", "worker", "--config", config(""));
        assertEquals(Millrace.MISTAKE, worker.code(), worker.said());
        assertEquals(
                "millrace: device.type: 'auto' cannot use the GPU: NVIDIA's driver serves CUDA 12.8"
                        + " and this build needs 13.0; install driver 580 or newer, or on a"
                        + " data-centre card (T4, A10, A100, L4, H100; no GeForce) put CUDA's"
                        + " compatibility libraries first in LD_LIBRARY_PATH (package"
                        + " cuda-compat-13-1, in /usr/local/cuda/compat); write 'host' to compute on the CPU",
                worker.said().strip());
        CommandProcess.End doctor = run("driver=12080", "doctor");
        assertEquals(Millrace.FAILED, doctor.code(), doctor.said());
        assertTrue(
                doctor.said().contains("FAIL  GPU: NVIDIA's driver serves CUDA 12.8"),
                doctor.said());
    }

    @Test
    void theOperatorMaySayThatTheCpuIsMeant() throws Exception {
        CommandProcess.End worker =
                run("driver=12080", "worker", "--config", config("device: {type: host}\n"));
        // It got as far as the queue, which is not there.
        assertTrue(worker.said().contains("queue.url"), worker.said());
    }

    @Test
    void aDemoSaysSoAndRunsOnTheCpu() throws Exception {
        CommandProcess.End demo = run("driver=12080", "demo", "--messages=4", "--tasks=safety");
        assertEquals(0, demo.code(), demo.said());
        assertTrue(
                demo.said()
                        .startsWith(
                                "The demo runs on the CPU, since the GPU cannot be used: NVIDIA's"
                                        + " driver"),
                demo.said());
        CommandProcess.End wanted = run("driver=12080", "demo", "--device=auto", "--messages=4");
        assertEquals(Millrace.MISTAKE, wanted.code(), wanted.said());
    }

    @Test
    void theDoctorFailsWhereAGpuIsRequired() throws Exception {
        CommandProcess.End beside = run("devices=6.1,7.5", "doctor");
        assertEquals(0, beside.code(), beside.said());
        assertTrue(beside.said().contains("ok    GPU: 1, Tesla T4 (sm_75"), beside.said());
        assertTrue(beside.said().contains("ok    GPU: 0, unused: the Tesla P4"), beside.said());
        CommandProcess.End old = run("devices=6.1,7.5", "doctor", "--gpu", "0");
        assertEquals(Millrace.FAILED, old.code(), old.said());
        assertTrue(old.said().contains("FAIL  GPU: GPU 0: the Tesla P4 is sm_61"), old.said());
        // The stand-in has not the name that the presets are linked to.
        CommandProcess.End strict = run("", "doctor", "--require-gpu");
        assertEquals(Millrace.FAILED, strict.code(), strict.said());
        assertTrue(
                strict.said().contains("FAIL  GPU: the Java presets of TensorRT do not load"),
                strict.said());
        for (String soname : List.of("libcuda.so.1", "libnvinfer.so.10", "libcudart.so.13")) {
            Files.delete(folder.resolve("libraries").resolve(soname));
        }
        assumeTrue(!Files.exists(Path.of("/proc/driver/nvidia/version")), "there is a driver");
        CommandProcess.End none = run("", "doctor", "--require-gpu");
        assertEquals(Millrace.FAILED, none.code(), none.said());
        assertTrue(none.said().contains("FAIL  GPU: none, "), none.said());
    }

    /** The first worker has a GPU; the one that follows finds neither it nor its driver. */
    @Test
    void aGpuThatVanishedIsNotReplacedByTheCpu() throws Exception {
        String config = config("state: {directory: \"" + folder.resolve("state") + "\"}\n");
        CommandProcess.End first = run("", "worker", "--config", config);
        assertTrue(Files.exists(folder.resolve("state/gpu")), first.said());
        for (String soname : List.of("libcuda.so.1", "libnvinfer.so.10", "libcudart.so.13")) {
            Files.delete(folder.resolve("libraries").resolve(soname));
        }
        assumeTrue(!Files.exists(Path.of("/proc/driver/nvidia/version")), "there is a driver");
        CommandProcess.End second = run("", "worker", "--config", config);
        assertEquals(Millrace.MISTAKE, second.code(), second.said());
        assertEquals(1, second.said().lines().count(), second.said());
        assertTrue(
                second.said()
                        .contains(
                                "used a Tesla T4 at the last start, which cannot be used now: no NVIDIA"),
                second.said());
    }

    @Test
    void aLevelOfTensorRtsLogThatIsNoneIsOneLine() throws Exception {
        List<String> before = new ArrayList<>(List.of("env", "MILLRACE_TENSORRT_LOG=loud"));
        CommandProcess.End worker =
                CommandProcess.run(
                        before,
                        SECONDS,
                        List.of("-Dmillrace.gpu.libs=" + folder.resolve("libraries")),
                        List.of("worker", "--config", config("device: {type: cuda}\n")));
        assertEquals(Millrace.MISTAKE, worker.code(), worker.said());
        assertEquals(
                "millrace: device.type: 'cuda' cannot use the GPU: MILLRACE_TENSORRT_LOG: 'loud'"
                        + " must be error, warning, info or verbose",
                worker.said().strip());
    }
}
