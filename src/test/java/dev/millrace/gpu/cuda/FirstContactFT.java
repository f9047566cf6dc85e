package dev.millrace.gpu.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.testing.CommandProcess;
import dev.millrace.testing.WaitsMostly;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a user sees first on a GPU host, as processes on stand-ins of all that NVIDIA has there. */
@WaitsMostly
class FirstContactFT {
    private static final int SECONDS = 120;

    @TempDir private Path folder;

    private CommandProcess.End run(Map<String, String> environment, int code, String... arguments)
            throws Exception {
        List<String> before = new ArrayList<>(List.of("env"));
        environment.forEach((name, value) -> before.add(name + "=" + value));
        before.add("MILLRACE_CACHE=" + folder.resolve("cache"));
        CommandProcess.End ended =
                CommandProcess.run(before, SECONDS, List.of(), List.of(arguments));
        assertEquals(code, ended.code(), ended.said());
        return ended;
    }

    /** The stand-ins, of which the library of kernels holds PTX 9.1. */
    private Map<String, String> withPtx(String cuda) throws IOException {
        Map<String, String> environment = GpuStandIn.environment(cuda, "");
        Path libraries = Files.createDirectories(folder.resolve("libraries"));
        try (Stream<Path> files = Files.list(GpuStandIn.libraries())) {
            for (Path file : files.filter(name -> name.toString().contains(".so.")).toList()) {
                Files.copy(file, libraries.resolve(file.getFileName()));
            }
        }
        Path ptx = folder.resolve("ptx");
        DeviceCodeTest.write(ptx, 9, 1, 86);
        Files.write(
                libraries.resolve("libnvinfer_builder_resource_ptx.so.10.15.1"),
                Files.readAllBytes(ptx),
                StandardOpenOption.APPEND);
        environment.put(Libraries.VARIABLE, libraries.toString());
        return environment;
    }

    @Test
    void theStrictDoctorOpensAll() throws Exception {
        Map<String, String> environment = GpuStandIn.environment("devices=6.1,7.5", "");
        String said = run(environment, 0, "doctor", "--require-gpu").said();
        assertTrue(said.contains("ok    GPU: 1, Tesla T4 (sm_75"), said);
        assertTrue(said.contains("ok    GPU: 0, unused: the Tesla P4 is sm_61"), said);
        assertTrue(said.contains("ok    TensorRT: its Java presets load, and GPU 1 opens"), said);
    }

    @Test
    void aPlanFromPtxSaysSoInItsSidecarAndItsReport() throws Exception {
        Map<String, String> environment = withPtx("devices=9.0;driver=13000");
        String plan = folder.resolve("h100.plan").toString();
        String built =
                run(environment, 0, "engine", "build", "engines/safety", "--out", plan).said();
        String resource =
                folder.resolve("libraries/libnvinfer_builder_resource_ptx.so.10.15.1")
                        + " in the place of libnvinfer_builder_resource_sm90.so.10.15.1: kernels of"
                        + " older architectures, so speeds are a lower bound";
        assertTrue(built.contains("builder resource " + resource), built);
        assertTrue(
                built.contains(
                        "libnvinfer_builder_resource_ptx.so.10.15.1 has PTX 9.1, which a driver for"
                                + " CUDA 13.0 may refuse (codes 222 and 209): install a driver for"
                                + " CUDA 13.1 (590 or newer)"),
                built);
        String sidecar = Files.readString(Path.of(plan + ".json"));
        assertTrue(sidecar.contains("\"builderResource\" : \"" + resource + "\""), sidecar);
        String shown = run(environment, 0, "engine", "inspect", plan).said();
        assertTrue(shown.contains("built   from " + resource), shown);
    }

    @Test
    void theArchitecturesOwnKernelsAreNoLowerBound() throws Exception {
        Map<String, String> environment = GpuStandIn.environment("driver=13000", "");
        String plan = folder.resolve("t4.plan").toString();
        String built =
                run(environment, 0, "engine", "build", "engines/safety", "--out", plan).said();
        assertTrue(built.contains("libnvinfer_builder_resource_sm75.so.10.15.1"), built);
        assertFalse(built.contains("lower bound") || built.contains("PTX"), built);
        assertFalse(Files.readString(Path.of(plan + ".json")).contains("lower bound"));
    }

    /** A number that there is not shows that it arrives, and is one line. */
    @ParameterizedTest
    @ValueSource(strings = {"demo", "bench"})
    void theDemoAndTheBenchTakeTheGpuThatIsNamed(String command) throws Exception {
        Map<String, String> environment = GpuStandIn.environment("devices=7.5,8.6", "");
        String said = run(environment, 2, command, "--device", "cuda", "--gpu", "5").said();
        assertTrue(
                said.contains(
                        "device.type: 'cuda' cannot use the GPU: there is no GPU 5: the driver shows"
                                + " 2, counted from 0; choose 0 (Tesla T4), 1 (NVIDIA A10G)"),
                said);
    }

    @Test
    void aPlanIsBuiltForTheGpuThatIsNamed() throws Exception {
        Map<String, String> environment = GpuStandIn.environment("devices=7.5,8.6", "");
        List<String> build = new ArrayList<>(List.of("engine", "build", "engines/safety"));
        build.addAll(List.of("--gpu", "1", "--out", folder.resolve("a10.plan").toString()));
        String built = run(environment, 0, build.toArray(String[]::new)).said();
        assertTrue(built.contains("for NVIDIA A10G (sm_86), "), built);
    }

    /** The process that crashes is not the command's. */
    @Test
    void aBuilderThatCrashesIsOneLine() throws Exception {
        Map<String, String> environment = GpuStandIn.environment("", "build-crash");
        String plan = folder.resolve("t4.plan").toString();
        String said =
                run(environment, 1, "engine", "build", "engines/safety", "--out", plan).said();
        assertTrue(
                said.contains("TensorRT ended the process that was building the plan, exit code "),
                said);
        assertFalse(said.contains("SIGSEGV"), said);
    }
}
