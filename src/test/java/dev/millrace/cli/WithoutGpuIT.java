package dev.millrace.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.millrace.gpu.cuda.StubLibraries;
import dev.millrace.testing.CommandProcess;
import dev.millrace.testing.Slow;
import dev.millrace.testing.WaitsMostly;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The commands in processes of their own on a machine without a driver, and on one where an empty
 * library stands where the driver should be: a line, an exit code, no stack trace and no crash.
 */
@WaitsMostly
@Slow
class WithoutGpuIT {
    private static final String CONFIG =
            """
            queue: {url: "http://127.0.0.1:1/000000000000/images"}
            device: {type: %s}
            models:
              - {task: safety, bundle: "%s"}
            """;

    private static final int SECONDS = 120;

    @TempDir private Path folder;

    private CommandProcess.End run(boolean stub, String... arguments) throws Exception {
        List<String> flags = new ArrayList<>();
        flags.add("-XX:ErrorFile=" + folder.resolve("hs_err.log"));
        if (stub) {
            flags.add("-Dmillrace.gpu.libs=" + StubLibraries.folder());
        }
        CommandProcess.End ended = CommandProcess.run(SECONDS, flags, List.of(arguments));
        assertFalse(ended.said().contains("\tat "), ended.said());
        assertFalse(Files.exists(folder.resolve("hs_err.log")), ended.said());
        return ended;
    }

    private String config(String type) throws IOException {
        String yaml = CONFIG.formatted(type, Path.of("engines/safety").toAbsolutePath());
        return Files.writeString(folder.resolve("worker.yaml"), yaml).toString();
    }

    /** What the line must say; skips where the machine has a driver, which would be asked. */
    private static String reason(boolean stub) {
        assumeTrue(
                stub || !Files.exists(Path.of("/proc/driver/nvidia/version")),
                "this machine has NVIDIA's driver");
        return stub ? "libcuda.so.1 is not NVIDIA's driver" : "no NVIDIA driver";
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void theDoctorSaysWhyThereIsNoGpu(boolean stub) throws Exception {
        String reason = reason(stub);
        CommandProcess.End ended = run(stub, "doctor");
        assertEquals(0, ended.code(), ended.said());
        List<String> lines = ended.said().lines().filter(l -> l.contains("GPU: ")).toList();
        assertEquals(1, lines.size(), ended.said());
        assertTrue(lines.getFirst().startsWith("ok    GPU: none, "), ended.said());
        assertTrue(lines.getFirst().contains(reason), ended.said());
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aWorkerThatWantsCudaEndsWithOneLine(boolean stub) throws Exception {
        String reason = reason(stub);
        CommandProcess.End ended = run(stub, "worker", "--config", config("cuda"));
        assertEquals(Millrace.MISTAKE, ended.code(), ended.said());
        assertEquals(1, ended.said().lines().count(), ended.said());
        assertTrue(ended.said().contains("device.type: 'cuda' cannot use the GPU"), ended.said());
        assertTrue(ended.said().contains(reason), ended.said());
    }

    /** Before anything of what it would start is started. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void tuningForCudaEndsWithOneLine(boolean stub) throws Exception {
        String reason = reason(stub);
        CommandProcess.End ended = run(stub, "tune", "--config", config("cuda"), "--images=1");
        assertEquals(Millrace.MISTAKE, ended.code(), ended.said());
        assertEquals(1, ended.said().lines().count(), ended.said());
        assertTrue(ended.said().contains(reason), ended.said());
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aBenchForCudaEndsWithOneLine(boolean stub) throws Exception {
        String reason = reason(stub);
        CommandProcess.End ended = run(stub, "bench", "--device=cuda", "--rounds=1");
        assertEquals(Millrace.MISTAKE, ended.code(), ended.said());
        assertEquals(1, ended.said().lines().count(), ended.said());
        assertTrue(ended.said().contains(reason), ended.said());
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aWorkerThatMayChooseTakesTheHostWithOneLine(boolean stub) throws Exception {
        String reason = reason(stub);
        CommandProcess.End ended = run(stub, "worker", "--config", config("auto"));
        List<String> lines = ended.said().lines().filter(l -> l.contains(reason)).toList();
        assertEquals(1, lines.size(), ended.said());
        assertTrue(lines.getFirst().contains("models run on the CPU"), ended.said());
        // It got as far as the queue, which is not there.
        assertEquals(Millrace.MISTAKE, ended.code(), ended.said());
        assertTrue(ended.said().contains("queue.url"), ended.said());
    }
}
