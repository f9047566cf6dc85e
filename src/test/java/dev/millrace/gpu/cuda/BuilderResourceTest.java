package dev.millrace.gpu.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.gpu.DeviceException;
import dev.millrace.gpu.GpuInfo;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BuilderResourceTest {
    private static final String PTX = "libnvinfer_builder_resource_ptx.so.10.15.1";
    private static final GpuInfo H100 =
            new GpuInfo(0, "H100", 9, 0, 80L << 30, "13.1", "13.1", "10.15.1.29");

    @TempDir private Path folder;

    @Test
    void theArchitecturesOwnGoesFirst() throws IOException {
        Files.createFile(folder.resolve(PTX));
        Path own = Files.createFile(folder.resolve("libnvinfer_builder_resource_sm75.so.10.15.1"));
        BuilderResource found = BuilderResource.find(StandIn.GPU, List.of(folder));
        assertEquals(own, found.file());
        assertEquals(own.toString(), found.description());
    }

    @Test
    void ptxServesFromSm80On() throws IOException {
        Path ptx = Files.createFile(folder.resolve(PTX));
        BuilderResource found = BuilderResource.find(H100, List.of(folder));
        assertEquals(ptx, found.file());
        assertEquals("libnvinfer_builder_resource_sm90.so.10.15.1", found.askedFor());
        assertRefused(StandIn.GPU, "ptx does not serve sm_75");
    }

    /** A GPU between two of NVIDIA's libraries is served by the one below it in its generation. */
    @ParameterizedTest
    @CsvSource({
        "75, sm75",
        "80, sm80",
        "86, sm86",
        "87, sm86",
        "88, sm86",
        "89, sm89",
        "90, sm90",
        "100, sm100",
        "103, sm100",
        "110, sm110",
        "120, sm120",
        "121, sm120",
        "130, ptx"
    })
    void tensorRtHasALibraryForAGenerationAndNotForEachCard(int capability, String kernels) {
        assertEquals(kernels, BuilderResource.kernels(capability));
    }

    @Test
    void ptxThatIsNewerThanTheDriverIsSaidBefore() throws IOException {
        Path ptx = folder.resolve(PTX);
        DeviceCodeTest.write(ptx, 9, 1, 86);
        BuilderResource found = BuilderResource.find(H100, List.of(folder));
        assertEquals(
                ptx
                        + " in the place of libnvinfer_builder_resource_sm90.so.10.15.1: kernels of"
                        + " older architectures, so speeds are a lower bound",
                found.description());
        assertEquals(Optional.empty(), found.caution(H100));
        GpuInfo older = new GpuInfo(0, "H100", 9, 0, 80L << 30, "13.0", "13.1", "10.15.1.29");
        assertEquals(
                Optional.of(
                        PTX
                                + " has PTX 9.1, which a driver for CUDA 13.0 may refuse (codes 222"
                                + " and 209): install a driver for CUDA 13.1 (590 or newer), or"
                                + " install NVIDIA's own TensorRT and name its lib folder with"
                                + " --trt-lib-dir"),
                found.caution(older));
    }

    @Test
    void withoutAnyTheRemedyIsNamed() {
        assertRefused(H100, "libnvinfer_builder_resource_sm90.so.10.15.1 was not found in any of");
    }

    private void assertRefused(GpuInfo gpu, String words) {
        String said =
                assertThrows(
                                DeviceException.class,
                                () -> BuilderResource.find(gpu, List.of(folder)))
                        .getMessage();
        assertTrue(said.contains(words), said);
        assertTrue(said.contains("--trt-lib-dir"), said);
    }

    @Test
    void foldersOfLoadedLibrariesAreFound() {
        Path file = Fakes.file("counter");
        Fakes.open("counter");
        assertEquals(List.of(file.getParent()), BuilderResource.foldersOf("libfake_counter"));
    }
}
