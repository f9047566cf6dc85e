package dev.millrace.gpu.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The presets load without cuBLAS, cuDNN and NVRTC, TensorRT's log arrives in ours, and the kernels
 * of {@code ptx} are found under the name that TensorRT asks for.
 */
class PresetsOnStubsTest {
    @TempDir private Path folder;

    @Test
    void thePresetsLoadOnEmptyLibraries() throws Exception {
        String said =
                ChildJvm.run(
                        PresetsOnStubs.class,
                        folder,
                        Map.of(Libraries.VARIABLE, StubLibraries.folder().toString()));
        for (String line :
                List.of(
                        "dimensions: 4, first 8",
                        "stream: 42",
                        "uint8: kUINT8",
                        "last error: what went wrong",
                        "then: ''",
                        "kernels of ptx: true",
                        "libnone.so.1 is missing, and no stand-in loads"
                                + " (libnone.so.1 is not in this build); install it")) {
            assertTrue(said.lines().anyMatch(line::equals), said + " lacks " + line);
        }
    }

    /** TensorRT only logs some errors, so what to do about them stands beside them. */
    @Test
    void tensorRtsLogIsShownAsFarAsIsWanted() throws Exception {
        String libraries = StubLibraries.folder().toString();
        String quiet =
                ChildJvm.run(PresetsOnStubs.class, folder, Map.of(Libraries.VARIABLE, libraries));
        assertFalse(quiet.contains("verbose: much"), quiet);
        assertTrue(quiet.contains("tensorrt: Cuda failure: error 222; the driver is older"), quiet);
        assertTrue(
                quiet.contains(
                        "asked: the build failed; TensorRT says: Cuda failure: error 222; the"),
                quiet);
        String verbose =
                ChildJvm.run(
                        PresetsOnStubs.class,
                        folder,
                        Map.of(
                                Libraries.VARIABLE,
                                libraries,
                                TensorRtLogLevel.VARIABLE,
                                "verbose",
                                "JAVA_TOOL_OPTIONS",
                                ChildJvm.LOG));
        assertTrue(verbose.contains("tensorrt: verbose: much"), verbose);
    }

    /** What TensorRT refuses on a context that is broken is CUDA's, which knows that it is lost. */
    @Test
    void aRefusalOfTensorRtsNamesTheErrorOfCudaBehindIt() throws Exception {
        String said =
                ChildJvm.run(
                        PresetsOnStubs.class,
                        folder,
                        Map.of(
                                Libraries.VARIABLE,
                                StubLibraries.folder().toString(),
                                "FAKE_CUDA",
                                "call-fail=cudaMemGetInfo:700@1"));
        assertTrue(said.contains("; CUDA says: cudaErrorIllegalAddress (700, "), said);
        assertTrue(said.contains("asked: sticky true"), said);
    }

    @Test
    void aBuildWithoutACompilerSaysInOneLineWhatIsMissing() throws Exception {
        String said =
                ChildJvm.run(
                        PresetsOnStubs.class,
                        folder,
                        Map.of(Libraries.VARIABLE, StubLibraries.folder().toString()),
                        classPathWithoutNativeLibraries());
        assertEquals(
                "libcublasLt.so.13 is missing, and no stand-in loads (libcublasLt.so.13 is not in this"
                        + " build, which was made without a C++ compiler; build with g++ and CMake);"
                        + " install cuBLAS 13, NVRTC 13 and cuDNN 9, or name their folders in MILLRACE_GPU_LIBS",
                said.strip());
    }

    /** Millrace's classes are copied but for what the native part puts beside them. */
    private String classPathWithoutNativeLibraries() throws Exception {
        Path classes =
                Path.of(TensorRt.class.getProtectionDomain().getCodeSource().getLocation().toURI());
        Path copy = folder.resolve("classes");
        try (Stream<Path> files = Files.walk(classes.resolve("dev"))) {
            for (Path file : files.filter(file -> file.toString().endsWith(".class")).toList()) {
                Path to = copy.resolve(classes.relativize(file));
                Files.createDirectories(to.getParent());
                Files.copy(file, to);
            }
        }
        return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                .map(entry -> Path.of(entry).equals(classes) ? copy.toString() : entry)
                .collect(Collectors.joining(File.pathSeparator));
    }
}
